using System.Text.Json;

namespace Nightshift.EndToEnd.Tests;

/// <summary>Branches, setups and limits with real containers: what is shown, and what is left running.</summary>
[Collection("The running system")]
public sealed class TaskFlowTests(RunningSystem system)
{
    [Fact]
    public async Task A_run_branches_skips_and_cleans_up_and_says_why()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        var run = await system.Trigger("branching", cancellationToken);
        var watched = await system.Do(cancellationToken, "runs", "watch", run);
        foreach (
            var line in new[]
            {
                "load_small: success (rows=42)",
                "load_large: skipped (choose did not choose it)",
                "check: skipped (its exit code)",
                "clean_up: success",
                "run succeeded",
            }
        )
            Assert.Contains(line, watched, StringComparison.Ordinal);
        Assert.Equal("'choose' did not choose it", await Skip("branching", run, "load_large", cancellationToken));
        await Replays.Work(system, "run", run, "run_queued", cancellationToken);
    }

    [Fact]
    public async Task A_task_is_mapped_over_an_output_and_its_instances_are_shown_and_cleared_by_their_index()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "mapped.yaml"),
            """
            dag: mapped
            tasks:
              list:
                run: |
                  echo '::output regions=["north", "south"]'
              load:
                needs: [list]
                for_each: "{{ tasks.list.output.regions }}"
                map_index_template: "region {{ item }}"
                env: { REGION: "{{ item }}" }
                run: |
                  echo "$REGION began"
                  echo "::output name=$REGION!"
              report:
                needs: [load]
                env: { ALL: "{{ tasks.load.output.name | join: ' ' }}" }
                run: echo "$ALL"
            """,
            cancellationToken
        );
        await system.Await("api/v2/dags/mapped", _ => true, cancellationToken);
        var run = await system.Trigger("mapped", cancellationToken);
        var watched = await system.Do(cancellationToken, "runs", "watch", run);
        foreach (
            var line in new[]
            {
                "load: mapped to 2 instances",
                "load[1]: queued (region south)",
                "[load[0]] north began",
                "[report] north! south!",
                "run succeeded",
            }
        )
            Assert.Contains(line, watched, StringComparison.Ordinal);
        Assert.Contains(
            "load[1] (region south)",
            await system.Do(cancellationToken, "runs", "show", run),
            StringComparison.Ordinal
        );
        await system.Do(cancellationToken, "runs", "clear", run, "--task", "load[1]", "--downstream", "--yes");
        await system.AwaitRun("mapped", run, "success", cancellationToken);
        var logs = await system.Do(cancellationToken, "runs", "logs", run, "load[1]", "--try", "2");
        Assert.Contains("south began", logs, StringComparison.Ordinal);
        await Replays.Work(system, "run", run, "run_queued", cancellationToken);
    }

    [Fact]
    public async Task A_run_that_fails_fast_or_runs_out_of_time_ends_at_once_and_leaves_no_container()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await Write("hasty", "fail_fast: true", "bad: { run: 'sleep 2; exit 1' }", cancellationToken);
        await Write("late", "dagrun_timeout: 3s", "after: { needs: [slow], noop: true }", cancellationToken);
        foreach (var (dag, state) in new[] { ("hasty", "failed"), ("late", "skipped") })
        {
            var run = await system.Trigger(dag, cancellationToken);
            await system.AwaitRun(dag, run, "failed", cancellationToken);
            Assert.Equal(state, await Field(dag, run, "slow", "state", cancellationToken));
            await system.Engine.Gone($"{run}~slow~1", cancellationToken);
            // No test after this one finds an open incident.
            await system.Await($"api/v2/incidents/dag.{dag}", _ => true, cancellationToken);
            await system.Do(cancellationToken, "incidents", "resolve", $"dag.{dag}");
        }
    }

    [Fact]
    public async Task A_run_that_a_person_cancels_and_clears_stops_its_containers_keeps_its_logs_and_calls_nobody()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, "by_hand.yaml"),
            "dag: by_hand\ntasks: { work: { tasks: { slow: { run: 'echo began; sleep 600' } } }, "
                + "after: { needs: [work], noop: true } }",
            cancellationToken
        );
        await system.Await("api/v2/dags/by_hand", _ => true, cancellationToken);
        var run = await system.Trigger("by_hand", cancellationToken);
        await Running(run, attempt: 1, cancellationToken);
        await system.Do(cancellationToken, "runs", "cancel", run, "-m", "wrong day");
        await system.Engine.Gone($"{run}~work.slow~1", cancellationToken);

        Assert.Contains(
            "work.slow  failed",
            await system.Do(cancellationToken, "runs", "clear", run, "--dry-run"),
            StringComparison.Ordinal
        );
        await system.Do(cancellationToken, "runs", "clear", run, "--only-failed", "--yes");
        await Running(run, attempt: 2, cancellationToken);
        await system.Do(cancellationToken, "runs", "mark", run, "success", "--task", "work", "--yes");
        await system.Engine.Gone($"{run}~work.slow~2", cancellationToken);
        await system.AwaitRun("by_hand", run, "success", cancellationToken);

        Assert.Contains(
            "began",
            await system.Do(cancellationToken, "runs", "logs", run, "work.slow", "--try", "1"),
            StringComparison.Ordinal
        );
        var incident = await system.Ask("api/v2/incidents/dag.by_hand", cancellationToken);
        Assert.Equal(JsonValueKind.Undefined, incident.ValueKind);
        await Replays.Work(system, "run", run, "run_queued", cancellationToken);
    }

    Task Running(string run, int attempt, CancellationToken cancellationToken) =>
        system.Await(
            $"api/v2/dags/by_hand/dagRuns/{run}/taskInstances/work.slow/logs/{attempt}",
            x => x.ToString().Contains("began"),
            cancellationToken
        );

    async Task Write(string dag, string limit, string task, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            Path.Combine(system.Dags, $"{dag}.yaml"),
            $"dag: {dag}\n{limit}\ntasks:\n  slow: {{ run: sleep 600 }}\n  {task}\n",
            cancellationToken
        );
        await system.Await($"api/v2/dags/{dag}", _ => true, cancellationToken);
    }

    Task<string?> Skip(string dag, string run, string task, CancellationToken cancellationToken) =>
        Field(dag, run, task, "skip_reason", cancellationToken);

    async Task<string?> Field(string dag, string run, string task, string field, CancellationToken cancellationToken) =>
        (await system.Ask($"api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}", cancellationToken))
            .GetProperty(field)
            .GetString();
}
