using Nightshift.Contracts;
using Nightshift.Plumbing.Status;
using Nightshift.Webhooks.Deliveries;

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
        await host.Deliver("push", Push("refs/heads/main"), last);

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
    public async Task A_push_that_came_before_any_DAG_was_known_is_judged_when_one_is() =>
        Assert.Equal([$"push__early__{host.Early}"], (await host.Judged(host.Early)).Runs.Select(x => x.RunId));

    [Fact]
    public async Task The_scheduler_is_asked_for_all_triggers_when_the_service_starts() =>
        await host.Scheduler.Asked.ReadAsync(TestContext.Current.CancellationToken);

    async Task<IReadOnlyList<TriggerRun>> TriggeredUntil(string runId)
    {
        List<TriggerRun> runs = [];
        do runs.Add(await host.Scheduler.Triggered.ReadAsync(TestContext.Current.CancellationToken));
        while (runs[^1].RunId != runId);
        return runs;
    }

    static string NewDag() => $"dag_{Guid.NewGuid():N}";

    byte[] Push(string name) =>
        System.Text.Encoding.UTF8.GetBytes(
            $$"""
            {"ref":"{{name}}","after":"abc","repository":{"full_name":"{{repository}}"},"sender":{"login":"ada"},"head_commit":{"message":"m"},"commits":[{"added":["a"],"modified":[],"removed":[]}]}
            """
        );
}
