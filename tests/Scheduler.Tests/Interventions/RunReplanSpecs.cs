using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Interventions;

/// <summary>A run that is cleared and goes on with the live version of its DAG.</summary>
public sealed class RunReplanSpecs
{
    static readonly Actor Anna = new("anna", "fixed it", T0);
    static readonly TaskSelection All = new(null);
    static readonly TaskSelection Failed = All with { OnlyFailed = true };

    static DagSpec Tasks(string tasks, string fields = "") => Dag($"dag: d\n{fields}\ntasks: {{ {tasks} }}");

    static IReadOnlyList<RunEvent> Clear(Run run, DagSpec latest, TaskSelection? which = null) =>
        InterventionDecider.Decide(
            run,
            new ClearTasks(which ?? All, Key: null, Anna) { Latest = new(latest, latest.Version()) }
        );

    static Run After(Run run, IEnumerable<RunEvent> events) => events.Aggregate(run, Run.Evolve);

    static Run Succeeded(Run run, string task, int attempt) =>
        After(run, RunDecider.Decide(run, Report(task, attempt, "")));

    // a ─► b (failed)   becomes   a ─► b ─► c
    [Fact]
    public void It_goes_on_with_the_tasks_of_the_new_version()
    {
        var run = Play(Tasks("a: { run: ls }, b: { needs: a, run: ls }"), "b: exit 1").Run;
        var latest = Tasks("a: { run: ls }, b: { needs: a, run: ls -l }, c: { needs: b, noop: true }");
        var events = Clear(run, latest, Failed);
        Assert.Equal([typeof(TasksCleared), typeof(RunReplanned), typeof(TaskQueued)], events.Select(x => x.GetType()));
        Assert.Equal(["ls -l"], ((TaskQueued)events[2]).Work.Command.TakeLast(1));
        run = After(run, events);
        Assert.Equal("a success, b queued, c none: running", Describe(run));
        Assert.Equal((latest.Version(), "anna"), (run.Queued!.DagVersion, ((RunReplanned)events[1]).By));
        run = Succeeded(Succeeded(run, "b", 2), "c", 1);
        Assert.Equal("a success, b success, c success: success", Describe(run));
    }

    [Theory]
    [InlineData("", "for_each: [1, 2]")]
    [InlineData("for_each: [1, 2]", "")]
    public void A_run_with_mapped_tasks_stays_with_its_version(string before, string after)
    {
        var run = Play(Tasks($"a: {{ run: ls, {before} }}")).Run;
        var refused = Assert.Throws<RejectedException>(() => Clear(run, Tasks($"a: {{ run: ls -l, {after} }}")));
        Assert.Equal("mapped_run", refused.Code);
    }

    // x hangs and is no task of the new version
    [Fact]
    public void A_task_that_is_gone_is_stopped_and_can_still_be_read()
    {
        var first = Tasks("a: { run: ls }, x: { run: ls }, b: { needs: [a, x], noop: true }");
        var run = Play(first, "x: hangs").Run;
        var events = Clear(run, Tasks("a: { run: ls }, b: { needs: a, noop: true }"), new(["b"]));
        Assert.Empty(events); // b has not begun, and nothing is new
        events = Clear(run, Tasks("a: { run: ls }, b: { needs: a, noop: true }"));
        Assert.Equal([new("a", 1, null), new("x", 1, "default")], Assert.IsType<TasksCleared>(events[0]).Tasks);
        run = After(run, events);
        Assert.Equal("a queued, b none: running", Describe(run));
        Assert.Equal(1, run.Removed!["x"].Task.Attempt);
        Assert.Empty(RunDecider.Decide(run, Report("x", 1, ""))); // late
        Assert.Empty(RunDecider.Decide(run, new RetryDue("x", 2, T0)));

        // it comes back: its attempts go on counting
        events = Clear(run, first);
        run = After(run, events);
        Assert.Null(run.Removed);
        Assert.Equal("a queued, x queued, b none: running", Describe(run));
        Assert.Equal(2, run.Tasks["x"].Attempt);
    }

    [Fact]
    public void With_the_version_it_has_it_is_cleared_as_ever()
    {
        var dag = Tasks("a: { noop: true }");
        Assert.Equal([typeof(TasksCleared), typeof(TaskQueued)], Clear(Play(dag).Run, dag).Select(x => x.GetType()));
    }

    [Fact]
    public void Where_nothing_is_cleared_and_nothing_new_nothing_happens() =>
        Assert.Empty(Clear(Play(Tasks("a: { noop: true }")).Run, Tasks("a: { run: ls }"), Failed));

    [Fact]
    public void New_tasks_run_although_none_is_cleared() =>
        Assert.Equal(
            "a success, b queued: running",
            Describe(
                Clear(
                        Play(Tasks("a: { noop: true }")).Run,
                        Tasks("a: { noop: true }, b: { needs: a, noop: true }"),
                        Failed
                    )
                    .Aggregate(Play(Tasks("a: { noop: true }")).Run, Run.Evolve)
            )
        );

    [Fact]
    public void It_keeps_its_params_and_gets_the_defaults_of_new_ones()
    {
        const string tasks = "a: { noop: true }";
        var queued = RunDecider.Decide(
            Run.None,
            Start(Tasks(tasks, "params: { kept: 1, gone: 2 }"), new Dictionary<string, string?> { ["kept"] = "7" })
        );
        var events = Clear(
            After(Run.None, queued),
            Tasks("a: { noop: true }, b: { noop: true }", "params: { kept: 1, fresh: '{{ ds }}' }")
        );
        Assert.Equal(
            new Dictionary<string, string?> { ["kept"] = "7", ["fresh"] = "2026-03-01" },
            events.OfType<RunReplanned>().Single().Params
        );
    }

    [Fact]
    public void Its_time_is_that_of_the_new_version_and_begins_anew()
    {
        var run = Play(Tasks("a: { noop: true }", "dagrun_timeout: 1h")).Run;
        Assert.Equal(T0.AddHours(2), After(run, Clear(run, Tasks("a: { run: ls }", "dagrun_timeout: 2h"))).TimeoutAt);
        Assert.Null(After(run, Clear(run, Tasks("a: { run: ls }"))).TimeoutAt);
    }

    [Fact]
    public void A_task_is_named_as_the_new_version_has_it()
    {
        var run = Play(Tasks("a: { noop: true }")).Run;
        var latest = Tasks("b: { noop: true }");
        Assert.Equal("unknown_task", Assert.Throws<RejectedException>(() => Clear(run, latest, new(["a"]))).Code);
        Assert.Equal("b queued: running", Describe(After(run, Clear(run, latest, new(["b"])))));
    }

    // state before │ fields in the new version │ row changes
    [Theory]
    [InlineData("scheduled", "", "TasksCleared Released")]
    [InlineData("scheduled", "pool: q,", "TasksCleared Released, TaskScheduled Requested")]
    [InlineData("queued", "", "RunReplanned Released")]
    [InlineData("queued", "pool: q,", "")] // what it holds, it gives back at its end
    public void Slots_are_neither_leaked_nor_waited_for_in_vain(string state, string fields, string expected)
    {
        var run = After(
            Run.None,
            RunDecider.Decide(Run.None, Start(Tasks("a: { pool: p, noop: true }, f: { noop: true }")))
        );
        run = After(run, RunDecider.Decide(run, Report("f", 1, "exit 1")));
        if (state == "queued")
            run = After(run, RunDecider.Decide(run, new StartScheduled("a", 1, T0)));
        Assert.Equal(state, run.Tasks["a"].State.ToString().ToLowerInvariant());
        var changes = new List<string>();
        foreach (var e in Clear(run, Tasks($"a: {{ {fields} noop: true }}, f: {{ run: ls }}"), Failed))
        {
            var next = Run.Evolve(run, e);
            var rows = SlotRequestRows.Of(run, next, e, RunStream.Definition.ChangedKeys(next, e));
            changes.AddRange(rows.Select(x => $"{e.GetType().Name} {x.GetType().Name}"));
            run = next;
        }
        Assert.Equal(expected, string.Join(", ", changes));
    }

    // Whatever both versions are and wherever the run stands.
    [Property(MaxTest = 300)]
    public Property It_comes_to_an_end_and_counts_right() =>
        Prop.ForAll(
            (
                from first in Versions()
                from second in Versions()
                from ends in Gen.ArrayOf(Gen.Choose(0, 3), 6)
                select (first, second, ends)
            ).ToArbitrary(),
            x =>
            {
                var ends = x.ends.Select((end, i) => $"t{i}: {(end == 0 ? "exit 1" : end == 1 ? "hangs" : "ok=1")}");
                var run = Play(Dag(x.first), [.. ends]).Run;
                run = After(run, Clear(run, Dag(x.second)));
                Assert.Equal(run.Tasks.Values.Count(y => !y.Ended), run.Open);
                foreach (var spec in run.Plan.Tasks)
                    Assert.Equal(
                        spec.Needs.Count(y => run.Tasks[y].State is TaskState.Success),
                        run.Tasks[spec.TaskId].Upstream.Succeeded
                    );
                while (run.Plan.Tasks.FirstOrDefault(y => run.Tasks[y.TaskId].State is TaskState.Queued) is { } task)
                    run = Succeeded(run, task.TaskId, run.Tasks[task.TaskId].Attempt);
                Assert.NotNull(run.Outcome);
                return true;
            }
        );

    static Gen<string> Versions() =>
        from there in Gen.ArrayOf(Gen.Choose(0, 3), 6)
        from needs in Gen.ArrayOf(Gen.Choose(0, 2), 36)
        from rules in Gen.ArrayOf(Gen.Elements("all_success", "all_done", "one_failed", "none_failed", "always"), 6)
        let ids = Enumerable.Range(0, 6).Where(i => there[i] > 0 || i == 0).ToList()
        let tasks = ids.Select(i =>
            $"t{i}: {{ run: ls, trigger_rule: {rules[i]}, needs: [{string.Join(", ", ids.Where(j => j < i && needs[i * 6 + j] == 0).Select(j => $"t{j}"))}] }}"
        )
        select $"dag: d\ntasks: {{ {string.Join(", ", tasks)} }}";
}
