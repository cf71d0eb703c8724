using System.Text.Json;

namespace Nightshift.EndToEnd.Tests;

[Collection("The running system")] // one after the other: one test ends a service that the others use
public sealed class HealingTests(RunningSystem system)
{
    [Fact]
    public async Task A_task_killed_for_memory_gets_more_and_its_run_succeeds()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "hungry.yaml"),
            """
            dag: hungry
            tasks:
              eat:
                run: head -c 40m /dev/zero | tail -n 1 >/dev/null
                memory: 16MiB

            """,
            cancellationToken
        );
        await system.Await("api/v2/dags/hungry", _ => true, cancellationToken);
        var run = await system.Trigger("hungry", cancellationToken);
        await system.AwaitRun("hungry", run, "success", cancellationToken);
        await system.Await(
            "api/v2/healing/task.hungry.eat",
            x => x.GetProperty("row").GetProperty("verified").GetInt32() == 1,
            cancellationToken
        );
        var told = await system.Do(cancellationToken, "replay", "case", "task.hungry.eat");
        Assert.Contains("memory_raise_started", told, StringComparison.Ordinal);
        Assert.Contains("healing_verified", told, StringComparison.Ordinal);
        Assert.Contains("oom", told, StringComparison.Ordinal);
        await Replays.Work(system, "case", "task.hungry.eat", "anomaly_seen", cancellationToken);
    }

    [Fact]
    public async Task A_container_that_ends_is_running_again_within_ten_seconds()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        const string Name = "e2e-web";
        await system.Engine.Start(Name, "trap 'exit 3' USR1; while :; do sleep 1 & wait $!; done", cancellationToken);
        await system.Await($"api/v2/streams/container-{Name}", Holds("container_became_healthy"), cancellationToken);
        await system.Engine.Signal(Name, cancellationToken);
        await system.Await(
            $"api/v2/healing/container.{Name}",
            x => x.GetProperty("row").GetProperty("verified").GetInt32() == 1,
            cancellationToken
        );
        var (running, startedAt, finishedAt) = await system.Engine.Inspect(Name, cancellationToken);
        Assert.True(running);
        RunningSystem.Say(
            $"a container was running again {(startedAt - finishedAt).TotalMilliseconds:0} ms after its end"
        );
        Assert.InRange(startedAt - finishedAt, TimeSpan.Zero, TimeSpan.FromSeconds(10));

        await Replays.Work(system, "container", Name, "container_exited", cancellationToken);
        await Replays.Work(system, "case", $"container.{Name}", "restart_started", cancellationToken);
        Assert.Contains(
            $"Restarted {Name}",
            await system.Do(cancellationToken, "status"),
            StringComparison.OrdinalIgnoreCase
        );

        // One that somebody stops stays stopped.
        await system.Engine.Stop(Name, cancellationToken);
        await system.Await($"api/v2/streams/container-{Name}", Holds("container_stopped"), cancellationToken);
        await system.Await($"api/v2/streams/case-container.{Name}", Holds("subject_stopped"), cancellationToken);
        Assert.False((await system.Engine.Inspect(Name, cancellationToken)).Running);
    }

    [Fact]
    public async Task What_cannot_be_healed_goes_through_the_tiers_until_somebody_takes_it_on()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;

        // One is taken on at once …
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "broken.yaml"),
            "dag: broken\ntasks:\n  fall: { run: exit 3 }\n  trip: { run: exit 4 }\n  slip: { run: exit 5 }\n",
            cancellationToken
        );
        await system.Await("api/v2/dags/broken", _ => true, cancellationToken);
        await system.Trigger("broken", cancellationToken);
        await system.Await("api/v2/incidents/dag.broken", _ => true, cancellationToken);
        await system.Do(cancellationToken, "incidents", "ack", "dag.broken", "--reason", "on it");
        var broken = Row(await system.Ask("api/v2/incidents/dag.broken", cancellationToken));
        var tier = broken.GetProperty("tier").GetInt32();
        // Three tasks failed, and it is one failure that names them.
        Assert.Equal(1, broken.GetProperty("failures").GetInt32());
        Assert.Equal(
            ["fall", "trip", "slip"],
            broken.GetProperty("tasks").EnumerateArray().Select(x => x.GetString() ?? "")
        );

        // … another, a container that no restart helps, by nobody.
        const string Name = "e2e-flapping";
        await system.Engine.Start(Name, "exit 1", cancellationToken);
        var incident = Row(
            await system.Await(
                $"api/v2/incidents/container.{Name}",
                x => Row(x).GetProperty("tier").GetInt32() == 3,
                cancellationToken
            )
        );
        Assert.Equal("open", incident.GetProperty("state").GetString());
        Assert.False((await system.Engine.Inspect(Name, cancellationToken)).Running);
        Assert.Equal(
            3,
            (await system.Ask($"api/v2/healing/container.{Name}", cancellationToken))
                .GetProperty("row")
                .GetProperty("actions")
                .GetInt32()
        );
        await system.Await(
            $"api/v2/streams/incident-container.{Name}",
            _ => File.Exists(system.HookOutput),
            cancellationToken
        );
        var hook = await File.ReadAllTextAsync(system.HookOutput, cancellationToken);
        Assert.Contains("<two words><$(not a shell)>", hook, StringComparison.Ordinal);
        Assert.Contains($"container.{Name}", hook, StringComparison.Ordinal);

        // The first was taken on longer ago than all tiers last, and has stayed where it was.
        Assert.Equal(
            tier,
            Row(await system.Ask("api/v2/incidents/dag.broken", cancellationToken)).GetProperty("tier").GetInt32()
        );
        Assert.DoesNotContain("dag.broken", hook, StringComparison.Ordinal);

        // The same failure again is the same incident.
        await system.Trigger("broken", cancellationToken);
        await system.Await(
            "api/v2/incidents/dag.broken",
            x => Row(x).GetProperty("failures").GetInt32() == 2,
            cancellationToken
        );
        Assert.Single(
            (await system.Ask("api/v2/incidents", cancellationToken)).GetProperty("incidents").EnumerateArray(),
            x => x.GetProperty("id").GetString() == "dag.broken"
        );

        Assert.Contains(
            $"container.{Name}",
            await system.Do(cancellationToken, "incidents", "list"),
            StringComparison.Ordinal
        );
        Assert.Contains("Escalation", await system.Do(cancellationToken, "status"), StringComparison.Ordinal);
        using var status = JsonDocument.Parse(await system.Do(cancellationToken, "status", "--json"));
        Assert.Contains(
            status.RootElement.GetProperty("recentActions").EnumerateArray(),
            x => x.GetRawText().Contains(Name, StringComparison.Ordinal)
        );
        await Replays.Work(system, "incident", $"container.{Name}", "tier_entered", cancellationToken);

        foreach (var id in (string[])["dag.broken", $"container.{Name}"])
            await system.Do(cancellationToken, "incidents", "resolve", id);
    }

    static Func<JsonElement, bool> Holds(string type) =>
        stream => stream.GetRawText().Contains(type, StringComparison.Ordinal);

    static JsonElement Row(JsonElement incident) => incident.GetProperty("row");
}
