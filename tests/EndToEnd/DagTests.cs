namespace Nightshift.EndToEnd.Tests;

[Collection("The running system")] // one after the other: one test ends a service that the others use
public sealed class DagTests(RunningSystem system)
{
    [Fact]
    public async Task Hello_runs_to_success_and_its_last_task_prints_what_the_first_handed_on()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        var run = await system.Trigger("hello", cancellationToken);
        var watched = await system.Do(cancellationToken, "runs", "watch", run);
        Assert.Contains("greet: success", watched, StringComparison.Ordinal);
        Assert.Contains("Hello, world — from an image with", watched, StringComparison.Ordinal);
        Assert.Contains("run succeeded", watched, StringComparison.Ordinal);
        Assert.Contains(
            "Hello, world — from an image with",
            await system.Do(cancellationToken, "runs", "logs", run, "report"),
            StringComparison.Ordinal
        );

        await Replays.Work(system, "run", run, "run_queued", cancellationToken);
        await Replays.Work(system, "dag", "hello", "dag_", cancellationToken);
        await Replays.Work(system, "attempt", $"{run}~greet~1", "attempt_", cancellationToken);
    }

    [Fact]
    public async Task A_new_file_is_live_without_a_restart()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        var since = TimeProvider.System.GetTimestamp();
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "fresh.yaml"),
            "dag: fresh\ntasks:\n  only: { noop: true }\n",
            cancellationToken
        );
        await system.Await("api/v2/dags/fresh", _ => true, cancellationToken);
        RunningSystem.Say(
            $"a new DAG file was live after {TimeProvider.System.GetElapsedTime(since).TotalMilliseconds:0} ms"
        );
        await system.Do(cancellationToken, "runs", "watch", await system.Trigger("fresh", cancellationToken));
    }

    [Fact]
    public async Task A_bad_edit_is_reported_with_file_and_line_and_the_last_good_version_stays()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        var file = Path.Combine(system.Dags, "edited.yaml");
        await File.WriteAllTextAsync(file, "dag: edited\ntasks:\n  only: { noop: true }\n", cancellationToken);
        await system.Await("api/v2/dags/edited", _ => true, cancellationToken);
        await File.WriteAllTextAsync(
            file,
            "dag: edited\ntasks:\n  only: { noop: true, needs: [onyl] }\n",
            cancellationToken
        );
        await system.Await(
            "api/v2/importErrors",
            x => x.GetRawText().Contains("onyl", StringComparison.Ordinal),
            cancellationToken
        );
        var errors = await system.Run(["dags", "errors"], cancellationToken);
        Assert.Equal(1, errors.ExitCode);
        Assert.Contains("edited.yaml line 3:", errors.Output, StringComparison.Ordinal);
        await system.Do(cancellationToken, "runs", "watch", await system.Trigger("edited", cancellationToken));

        File.Delete(file);
        await system.Await(
            "api/v2/importErrors",
            x => x.GetProperty("total_entries").GetInt32() == 0,
            cancellationToken
        );
    }

    [Fact]
    public async Task A_run_in_flight_survives_the_sudden_death_of_the_scheduler()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "survivor.yaml"),
            """
            dag: survivor
            tasks:
              long: { run: "sleep 5; echo through" }
              after: { run: "echo done", needs: [long] }

            """,
            cancellationToken
        );
        await system.Await("api/v2/dags/survivor", _ => true, cancellationToken);
        var run = await system.Trigger("survivor", cancellationToken);
        await system.Await(
            $"api/v2/dags/survivor/dagRuns/{run}/taskInstances/long",
            x => x.GetProperty("state").GetString() == "running",
            cancellationToken
        );
        var before = RunningSystem.ProcessOf("scheduler")!;
        var since = TimeProvider.System.GetTimestamp();
        Cli.Infrastructure.Machine.Signal(before.Pid, Cli.Infrastructure.Machine.Kill);
        await system.Await(
            "api/v2/dags/survivor",
            _ => RunningSystem.ProcessOf("scheduler") is { } now && now != before,
            cancellationToken
        );
        await system.Await(
            "status",
            x =>
                x.GetProperty("services")
                    .EnumerateArray()
                    .Any(line =>
                        line.GetProperty("name").GetString() == "Scheduler" && line.GetProperty("ok").GetBoolean()
                    ),
            cancellationToken
        );
        RunningSystem.Say(
            $"the scheduler answered {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s after kill -9"
        );
        await system.Do(cancellationToken, "runs", "watch", run);
    }
}
