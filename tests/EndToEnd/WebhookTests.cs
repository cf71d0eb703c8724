using System.Text.Json;

namespace Nightshift.EndToEnd.Tests;

[Collection("The running system")] // one after the other: one test ends a service that the others use
public sealed class WebhookTests(RunningSystem system)
{
    [Fact]
    public async Task A_push_starts_its_dag_once_with_the_values_of_the_push()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await Prepare(cancellationToken);
        var guid = await SendUntilMatched(cancellationToken);
        var run = $"push__deploy__{guid}";
        await system.AwaitRun("deploy", run, "success", cancellationToken);
        Assert.Contains(
            "main at 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567 of acme/site",
            await system.Do(cancellationToken, "runs", "logs", run, "show"),
            StringComparison.Ordinal
        );

        Assert.Contains("200", await Send(guid, cancellationToken), StringComparison.Ordinal); // seen before
        var runs = await system.Await(
            "api/v2/dags/deploy/dagRuns",
            x => x.GetRawText().Contains(run, StringComparison.Ordinal),
            cancellationToken
        );
        Assert.Equal(1, runs.GetProperty("total_entries").GetInt32());
        await Replays.Work(system, "delivery", guid, "delivery_", cancellationToken);
    }

    [Fact]
    public async Task A_wrong_signature_is_refused_and_leaves_nothing()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await Prepare(cancellationToken);
        var wrong = Path.Combine(system.Dags, "..", "wrong-secret");
        await File.WriteAllTextAsync(wrong, "not the secret\n", cancellationToken);
        var guid = Guid.NewGuid().ToString("D");
        var refused = await system.Run(
            ["webhook", "send", "--event", "push", "--file", Body, "--delivery", guid, "--secret-file", wrong],
            cancellationToken
        );
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("401", refused.Output, StringComparison.Ordinal);
        Assert.Equal(
            JsonValueKind.Undefined,
            (await system.Ask($"api/v2/deliveries/{guid}", cancellationToken)).ValueKind
        );
    }

    [Fact]
    public async Task An_event_nobody_knows_is_recorded()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await Prepare(cancellationToken);
        var guid = Guid.NewGuid().ToString("D");
        await system.Do(
            cancellationToken,
            "webhook",
            "send",
            "--event",
            "weather_changed",
            "--file",
            Body,
            "--delivery",
            guid
        );
        Assert.Contains(
            "weather_changed",
            await system.Do(cancellationToken, "deliveries", "show", guid),
            StringComparison.Ordinal
        );
    }

    string Body => Path.Combine(system.Dags, "..", "push.json");

    Task WritePush(string message, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(
            Body,
            $$"""
            {
              "head_commit": { "message": "{{message}}" },
              "ref": "refs/heads/main", "before": "0000000000000000000000000000000000000001", "after": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
              "created": false, "deleted": false, "forced": false,
              "repository": { "id": 1, "name": "site", "full_name": "acme/site" },
              "sender": { "login": "ada", "id": 2 }, "pusher": { "name": "ada", "email": "ada@example.com" },
              "commits": [ { "id": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "added": [], "removed": [], "modified": [ "index.html" ] } ]
            }
            """,
            cancellationToken
        );

    async Task Prepare(CancellationToken cancellationToken)
    {
        await WritePush("a change", cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "deploy.yaml"),
            """
            dag: deploy
            on:
              push: { repositories: [acme/site], branches: [main] }
            tasks:
              show:
                run: echo "$BRANCH at $SHA of $REPO"
                env: { BRANCH: "{{ trigger.branch }}", SHA: "{{ trigger.sha }}", REPO: "{{ trigger.repository }}" }

            """,
            cancellationToken
        );
        await system.Await("api/v2/dags/deploy", _ => true, cancellationToken);
    }

    Task<string> Send(string guid, CancellationToken cancellationToken) =>
        system.Do(cancellationToken, "webhook", "send", "--event", "push", "--file", Body, "--delivery", guid);

    /// <summary>
    /// Which pushes start what reaches the webhooks service by message, a little after the DAG is live; a push before
    /// that finds nothing to start.
    /// </summary>
    async Task<string> SendUntilMatched(CancellationToken cancellationToken)
    {
        while (true)
        {
            var guid = Guid.NewGuid().ToString("D");
            await WritePush(guid, cancellationToken); // the same body again would be a replay
            Assert.Contains("202", await Send(guid, cancellationToken), StringComparison.Ordinal);
            var judged = await system.Await(
                $"api/v2/deliveries/{guid}",
                x => x.GetRawText().Contains("verdicts\":[{", StringComparison.Ordinal),
                cancellationToken
            );
            if (judged.GetRawText().Contains($"push__deploy__{guid}", StringComparison.Ordinal))
                return guid;
        }
    }
}
