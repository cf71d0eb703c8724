using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Nightshift.Contracts;
using Nightshift.Plumbing.Status;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Tests.Service;

[Collection(ServiceTests.Name)]
public sealed class TriggeringTests(WebhooksHost host)
{
    readonly string repository = $"acme/{Guid.NewGuid():N}";

    [Fact]
    public async Task A_push_starts_the_DAG_that_asks_for_it_once_however_often_it_is_delivered()
    {
        var (dag, first, last) = (NewDag(), Guid.NewGuid(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        await host.Deliver("push", Push("refs/heads/main"), first);
        await host.Judged(first);
        await host.Deliver("push", Push("refs/heads/main"), first);
        // comes after anything the repeated one could have started
        await host.Deliver("push", Push("refs/heads/main", "a later change"), last);

        var runs = await TriggeredUntil($"push__{dag}__{last}");
        var run = Assert.Single(runs, x => x.RunId == $"push__{dag}__{first}");
        Assert.Equal((dag, $"push {repository} main"), (run.DagId, run.Cause));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["event"] = "push",
                ["repository"] = repository,
                ["branch"] = "main",
                ["sha"] = "abc",
                ["sender"] = "ada",
            },
            run.Trigger
        );
        Assert.Contains(
            "GitHub push processed",
            (await host.Get<ActionLog>().Latest(10, TestContext.Current.CancellationToken)).Select(x => x.Text)
        );
    }

    [Fact]
    public async Task An_event_that_three_hooks_deliver_starts_a_DAG_once()
    {
        var (dag, id, last) = (NewDag(), Guid.NewGuid(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        var body = Push("refs/heads/main");
        var form = Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(Encoding.UTF8.GetString(body))}");
        Assert.All(
            [
                await host.Deliver("push", body, id, change: x => x.Headers.Add("X-GitHub-Hook-ID", "41")),
                await host.Deliver("push", Push("refs/heads/main", more: ",\"organization\":{\"id\":3}"), id),
                await host.Deliver("push", form, id, "application/x-www-form-urlencoded"),
            ],
            x => Assert.Equal(HttpStatusCode.Accepted, x.StatusCode)
        );
        await host.Deliver("push", Push("refs/heads/main", "a later change"), last);

        Assert.Equal([$"push__{dag}__{id}"], await TriggeredRuns(dag, $"push__{dag}__{last}"));
        var details = await host.Get<DeliveryFinder>().Find($"41.{id}", TestContext.Current.CancellationToken);
        Assert.Equal(("41", 2), (details.Received.HookId, details.SameEvent.Count));
    }

    [Fact]
    public async Task A_push_posted_again_under_another_GUID_starts_nothing()
    {
        var (dag, first, again, last) = (NewDag(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        await host.Deliver("push", Push("refs/heads/main"), first);
        var answer = await host.Deliver(
            "push",
            Push("refs/heads/main"),
            again,
            change: x => x.Headers.Add("X-GitHub-Hook-ID", "41")
        );
        var replayed = await host.Judged(again);
        await host.Deliver("push", Push("refs/heads/main", "a later change"), last);

        var key = (await host.Get<DeliveryFinder>().Find($"{first}", TestContext.Current.CancellationToken)).Id;
        Assert.Equal(
            (DeliveryStatus.Ignored, $"A replay: delivery {key} had the same body"),
            (replayed.Status, replayed.Reason)
        );
        Assert.Equal(
            new Receipt($"{again}", key),
            await answer.Content.ReadFromJsonAsync<Receipt>(TestContext.Current.CancellationToken)
        );
        Assert.Equal([$"push__{dag}__{first}"], await TriggeredRuns(dag, $"push__{dag}__{last}"));
        Assert.Contains(host.Logged.Lines, x => x.Contains($"{again} is a replay", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_delivery_of_one_hook_that_could_not_be_stored_does_not_keep_another_hooks_from_counting()
    {
        var (dag, id) = (NewDag(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        var body = Push("refs/heads/main");
        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        // all that is left of the first hook's delivery when its commit failed
        await host.Get<BodyHashes>().Claim(hash, $"40.{id}", TestContext.Current.CancellationToken);
        await host.Deliver("push", body, id, change: x => x.Headers.Add("X-GitHub-Hook-ID", "41"));
        Assert.Equal([$"push__{dag}__{id}"], (await host.Judged(id)).Runs.Select(x => x.RunId));
    }

    [Fact]
    public async Task Of_many_copies_at_once_under_different_GUIDs_one_starts_the_DAG()
    {
        var (dag, last) = (NewDag(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        Guid[] ids = [.. Enumerable.Range(0, 20).Select(_ => Guid.NewGuid())];
        await Task.WhenAll(ids.Select(x => host.Deliver("push", Push("refs/heads/main"), x)));
        foreach (var id in ids)
            await host.Judged(id);
        await host.Deliver("push", Push("refs/heads/main", "a later change"), last);
        Assert.Single(await TriggeredRuns(dag, $"push__{dag}__{last}"));
    }

    [Fact]
    public async Task A_body_that_came_as_another_event_first_is_a_replay_too()
    {
        var (dag, first, again) = (NewDag(), Guid.NewGuid(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        await host.Deliver("workflow_dispatch", Push("refs/heads/main"), first);
        await host.Deliver("push", Push("refs/heads/main"), again);
        Assert.StartsWith("A replay", (await host.Judged(again)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",\"deleted\":true", "was deleted")]
    [InlineData(",\"after\":\"0000000000000000000000000000000000000000\"", "was deleted")]
    [InlineData(",\"head_commit\":{\"message\":\"Fix\\n\\n\\nskip-checks: true\"}", "skip-checks: true")]
    public async Task A_deleted_branch_or_a_skip_trailer_starts_nothing(string more, string reason)
    {
        var id = Guid.NewGuid();
        await host.Know(new(NewDag(), 1, new PushTrigger([repository], [], [])));
        await host.Deliver("push", Push("refs/heads/main", more: more), id);
        var delivery = await host.Judged(id);
        Assert.Equal(DeliveryStatus.Ignored, delivery.Status);
        Assert.Contains(reason, delivery.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_to_another_branch_starts_nothing_and_says_why()
    {
        var (dag, id) = (NewDag(), Guid.NewGuid());
        await host.Know(new(dag, 1, new PushTrigger([repository], ["main"], [])));
        await host.Deliver("push", Push("refs/heads/other"), id);
        var delivery = await host.Judged(id);
        Assert.Equal(DeliveryStatus.Ignored, delivery.Status);
        Assert.Contains(new DagVerdict(dag, Matched: false, "Branch other is not among main"), delivery.Verdicts);
    }

    [Fact]
    public async Task Of_announced_triggers_the_highest_revision_counts_in_whatever_order_they_come()
    {
        var dag = NewDag();
        await host.Know(new(dag, 3, Push: null));
        await host.Scheduler.Announce(new(dag, 2, new PushTrigger([repository], [], [])));
        await host.Scheduler.Announce(new(dag, 3, new PushTrigger([repository], [], [])));
        // consumed after the two, or beside them: the assertion below holds at any moment
        await host.Know(new(NewDag(), 1, Push: null));
        Assert.Equal((3, null), (await host.Triggers(dag) is { } known ? (known.Version, known.Push) : default));
        await host.Know(new(dag, 4, new PushTrigger([repository], [], [])));
        Assert.NotNull((await host.Triggers(dag))?.Push);
    }

    [Fact]
    public void A_push_that_came_before_any_DAG_was_known_is_judged_when_one_is() =>
        Assert.Equal([$"push__early__{host.Early.Id}"], host.Early.Judged.Runs.Select(x => x.RunId));

    [Fact]
    public async Task The_scheduler_is_asked_for_all_triggers_when_the_service_starts() =>
        await host.Scheduler.Asked.ReadAsync(TestContext.Current.CancellationToken);

    // What a DAG was asked to run before the last of its runs, in order.
    async Task<IReadOnlyList<string>> TriggeredRuns(string dag, string last) =>
        [.. (await TriggeredUntil(last)).Where(x => x.DagId == dag && x.RunId != last).Select(x => x.RunId).Distinct()];

    async Task<IReadOnlyList<TriggerRun>> TriggeredUntil(string runId)
    {
        List<TriggerRun> runs = [];
        do runs.Add(await host.Scheduler.Triggered.ReadAsync(TestContext.Current.CancellationToken));
        while (runs[^1].RunId != runId);
        return runs;
    }

    static string NewDag() => $"dag_{Guid.NewGuid():N}";

    byte[] Push(string name, string message = "m", string more = "") =>
        Encoding.UTF8.GetBytes(
            $$"""
            {"ref":"{{name}}","after":"abc","repository":{"full_name":"{{repository}}"},"sender":{"login":"ada"},"head_commit":{"message":"{{message}}"},"commits":[{"added":["a"],"modified":[],"removed":[]}]{{more}}}
            """
        );
}
