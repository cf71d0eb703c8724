using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Interventions;

/// <summary>What a person does to a run, and what follows.</summary>
public sealed class InterventionSpecs
{
    const string Chain = """
        dag: d
        tasks:
          a: { run: ./a }
          b: { needs: [a], run: ./b }
          c: { needs: [b], run: ./c }
        """;

    const string Walled = """
        dag: d
        tasks:
          create: { run: ./create, setup: true }
          work: { needs: [create], run: ./work }
          more: { needs: [work], run: ./more }
          drop: { needs: [create, more], run: ./drop, teardown: true }
        """;

    const string Branching = """
        dag: d
        tasks:
          choose: { run: ./choose, branch: next }
          left: { needs: [choose], run: ./left }
          right: { needs: [choose], run: ./right }
        """;

    static readonly Actor Anna = new("anna", "wrong day", T0);

    static TaskSelection Only(params string[] tasks) => new(tasks);

    static ClearTasks Clear(TaskSelection which, string? key = null) => new(which, key, Anna);

    static MarkTasks Mark(TaskState state, params string[] tasks) => new(Only(tasks), state, Anna);

    // Decides, and that the same again decides nothing.
    static (Run Run, IReadOnlyList<RunEvent> Events) Then(Run run, Func<Run, IReadOnlyList<RunEvent>> decide)
    {
        var events = decide(run);
        var after = events.Aggregate(run, Run.Evolve);
        Assert.Empty(decide(after));
        return (after, events);
    }

    static Run Cancel(Run run) => Then(run, x => InterventionDecider.Decide(x, new CancelRun(Anna))).Run;

    static Run Report(Run run, string task, int attempt, string behaviour = "") =>
        RunDecider.Decide(run, Runs.Playback.Report(task, attempt, behaviour)).Aggregate(run, Run.Evolve);

    [Fact]
    public void A_run_that_is_cancelled_stops_what_runs_skips_what_waits_and_takes_down_what_was_set_up()
    {
        var (run, events) = Then(
            Play(Dag(Walled), "work: hangs").Run,
            x => InterventionDecider.Decide(x, new CancelRun(Anna))
        );
        Assert.Equal("create success, work failed, more skipped, drop queued: running", Describe(run));
        Assert.Equal(
            new RunStopped(StopReason.Cancelled, null, T0) { By = "anna", Note = "wrong day" },
            Assert.Single(events.OfType<RunStopped>())
        );
        Assert.Equal(
            new TaskStopped("work", 1, "default", StopReason.Cancelled, T0),
            Assert.Single(events.OfType<TaskStopped>())
        );
        run = Report(run, "drop", 1);
        Assert.Equal("create success, work failed, more skipped, drop success: failed", Describe(run));
        Assert.Equal(("anna", "wrong day"), (run.EndedBy, run.Note));
    }

    [Fact]
    public void What_a_person_ended_is_no_failure_for_healing()
    {
        var cancelled = RunDecider.Decide(
            Cancel(Play(Dag(Walled), "work: hangs").Run),
            Runs.Playback.Report("drop", 1, "")
        );
        Assert.True(Assert.IsType<RunFinished>(cancelled[^1]).FailedByPerson);

        var task = InterventionDecider.Decide(Play(Dag(Chain), "c: hangs").Run, new CancelTasks(new(["c"]), Anna));
        Assert.True(Assert.IsType<RunFinished>(task[^1]).FailedByPerson);

        var both = Report(
            Play(Dag("dag: d\ntasks: { a: { run: x }, b: { run: x } }"), "a: hangs", "b: hangs").Run,
            "a",
            1,
            "exit 1"
        );
        var finished = InterventionDecider.Decide(both, new CancelTasks(new(["b"]), Anna))[^1];
        Assert.Equal(
            (false, "a"),
            (Assert.IsType<RunFinished>(finished).FailedByPerson, ((RunFinished)finished).Failed.Single().Task)
        );
    }

    [Fact]
    public void Healing_does_not_run_again_what_a_person_ended()
    {
        var failed = Report(Play(Dag(Chain), "b: hangs").Run, "b", 1, "exit 1");
        foreach (
            var ended in new[]
            {
                InterventionDecider.Decide(failed, new MarkTasks(Only("b"), TaskState.Success, Anna)),
                InterventionDecider.Decide(Play(Dag(Chain), "b: hangs").Run, new CancelTasks(new(["b"]), Anna)),
                InterventionDecider.Decide(Play(Dag(Chain), "b: hangs").Run, new CancelRun(Anna)),
            }
        )
        {
            var run = ended.Aggregate(failed, Run.Evolve);
            Assert.Empty(RunDecider.Decide(run, new ClearTask("b", 1, 128, "case", T0)));
        }
    }

    [Fact]
    public void The_timeout_of_a_cancelled_run_ends_its_teardowns_and_leaves_the_persons_word()
    {
        var run = Cancel(Play(Dag(Walled.Replace("dag: d", "dag: d\ndagrun_timeout: 1h")), "work: hangs").Run);
        var end = RunDecider.Decide(run, new RunTimeoutDue(T0.AddHours(1)));
        var finished = Assert.IsType<RunFinished>(end[^1]);
        Assert.Equal((StopReason.Cancelled, true), (finished.Stopped, finished.FailedByPerson));
    }

    [Fact]
    public void A_task_that_is_cancelled_has_failed_and_the_others_go_on()
    {
        const string dag = "dag: d\ntasks: { a: { run: x, retries: 3 }, b: { run: x }, c: { needs: [a], run: x } }";
        var (run, events) = Then(
            Play(Dag(dag), "a: hangs", "b: hangs").Run,
            x => InterventionDecider.Decide(x, new CancelTasks(new(["a"]), Anna))
        );
        Assert.Equal("a failed, b queued, c upstream_failed: running", Describe(run));
        Assert.Equal(new TaskCancelled("a", 1, "default", "anna", "wrong day", T0), events[0]);
        Assert.Equal("cancelled (by anna: wrong day)", run.Tasks["a"].Failure!.ToString());
    }

    // the state before │ attempts that are stopped
    [Theory]
    [InlineData("hangs", true)]
    [InlineData("exit 1", false)]
    public void A_task_is_cancelled_wherever_it_stands(string behaviour, bool stops)
    {
        var run = Play(Dag("dag: d\ntasks: { a: { run: x, retries: 1 } }"), "a: hangs").Run;
        if (behaviour != "hangs")
            run = Report(run, "a", 1, behaviour);
        var cancelled = Assert.IsType<TaskCancelled>(
            Then(run, x => InterventionDecider.Decide(x, new CancelTasks(new(["a"]), Anna))).Events[0]
        );
        Assert.Equal(stops, cancelled.Queue is not null);
    }

    [Fact]
    public void What_is_late_about_a_task_that_was_cancelled_cleared_or_marked_decides_nothing()
    {
        var running = Play(Dag(Chain), "b: hangs").Run;
        foreach (
            var events in new[]
            {
                InterventionDecider.Decide(running, new CancelTasks(new(["b"]), Anna)),
                InterventionDecider.Decide(running, Mark(TaskState.Success, "b")),
                InterventionDecider.Decide(running, Clear(new(["b"]) { Upstream = true })),
                InterventionDecider.Decide(
                    RunDecider.Decide(running, new ReportStart("b", 1, T0)).Aggregate(running, Run.Evolve),
                    Clear(Only("b"))
                ),
            }
        )
        {
            var run = events.Aggregate(running, Run.Evolve);
            Assert.Empty(RunDecider.Decide(run, Runs.Playback.Report("b", 1, "")));
            Assert.Empty(RunDecider.Decide(run, Runs.Playback.Report("b", 1, "exit 1")));
            Assert.Empty(RunDecider.Decide(run, new ReportStart("b", 1, T0)));
            Assert.Empty(RunDecider.Decide(run, new RetryDue("b", 1, T0)));
        }
    }

    [Fact]
    public void A_success_by_hand_lets_go_on_what_was_given_up()
    {
        var (run, events) = Then(
            Play(Dag(Chain), "a: exit 1").Run,
            x => InterventionDecider.Decide(x, Mark(TaskState.Success, "a"))
        );
        Assert.Equal("a success, b queued, c none: running", Describe(run));
        Assert.Equal(["b", "c"], Assert.Single(events.OfType<TasksCleared>()).Tasks.Select(x => x.Task));
    }

    [Fact]
    public void What_would_be_given_up_once_more_stays_and_so_does_the_end_of_the_run()
    {
        const string dag = "dag: d\ntasks: { a: { run: x }, b: { run: x }, c: { needs: [a, b], run: x } }";
        var (run, events) = Then(
            Play(Dag(dag), "a: exit 1", "b: exit 1").Run,
            x => InterventionDecider.Decide(x, Mark(TaskState.Success, "a"))
        );
        Assert.Equal("a success, b failed, c upstream_failed: failed", Describe(run));
        Assert.Equal([typeof(TaskMarked)], events.Select(x => x.GetType())); // nobody is called twice
    }

    [Fact]
    public void The_last_failure_marked_success_makes_the_run_a_success_and_back()
    {
        var run = Play(Dag(Chain), "c: exit 1").Run;
        (run, var events) = Then(run, x => InterventionDecider.Decide(x, Mark(TaskState.Success, "c")));
        Assert.Equal("a success, b success, c success: success", Describe(run));
        Assert.Equal(2, Assert.IsType<RunFinished>(events[^1]).End);
        (run, events) = Then(run, x => InterventionDecider.Decide(x, Mark(TaskState.Failed, "c")));
        Assert.Equal("a success, b success, c failed: failed", Describe(run));
        Assert.True(Assert.IsType<RunFinished>(events[^1]).FailedByPerson);
    }

    // the run before │ outcome │ after
    [Theory]
    [InlineData("a: exit 1", RunOutcome.Succeeded, "a success, b success, c success: success")]
    [InlineData("b: hangs", RunOutcome.Succeeded, "a success, b success, c success: success")]
    [InlineData("b: hangs", RunOutcome.Failed, "a success, b failed, c skipped: failed")]
    [InlineData("c: exit 0", RunOutcome.Failed, "a success, b success, c success: failed")]
    public void A_run_is_marked_with_its_tasks(string before, RunOutcome outcome, string after) =>
        Assert.Equal(
            after,
            Describe(
                Then(
                    Play(Dag(Chain), before.EndsWith("exit 0") ? [] : [before]).Run,
                    x => InterventionDecider.Decide(x, new MarkRun(outcome, Anna))
                ).Run
            )
        );

    [Fact]
    public void A_run_that_is_marked_success_still_takes_down_what_was_set_up()
    {
        var (run, _) = Then(
            Play(Dag(Walled), "work: hangs").Run,
            x => InterventionDecider.Decide(x, new MarkRun(RunOutcome.Succeeded, Anna))
        );
        Assert.Equal("create success, work success, more success, drop queued: running", Describe(run));
        Assert.Equal(
            "create success, work success, more success, drop success: success",
            Describe(Report(run, "drop", 1))
        );
    }

    // selected │ what is cleared of a run of which b failed
    public static TheoryData<TaskSelection, string> Selections =>
        new()
        {
            { new(["b"]), "b" },
            { new(["a"]), "a" },
            {
                new(["b"]) { Downstream = true },
                "b c"
            },
            {
                new(["c"]) { Upstream = true },
                "a b c"
            },
            { new((IReadOnlyList<string>?)null), "a b c" },
            {
                new((IReadOnlyList<string>?)null) { OnlyFailed = true },
                "b c"
            },
            {
                new(["a"]) { Downstream = true, OnlyFailed = true },
                "b c"
            },
            {
                new((IReadOnlyList<string>?)null) { OnlyRunning = true },
                ""
            },
            {
                new(["nosuch", "a"]) { SkipsUnknown = true },
                "a"
            },
        };

    [Theory]
    [MemberData(nameof(Selections))]
    public void Exactly_what_was_selected_is_cleared(TaskSelection selection, string cleared) =>
        Assert.Equal(cleared, string.Join(' ', selection.ToClear(Play(Dag(Chain), "b: exit 1").Run)));

    [Fact]
    public void A_task_that_does_not_exist_is_refused() =>
        new Given<Run>(RunStream.Definition, [.. Play(Dag(Chain)).Log])
            .When(x => InterventionDecider.Decide(x, Clear(Only("nosuch"))))
            .ExpectRejection("unknown_task");

    [Fact]
    public void A_cleared_run_runs_again_with_higher_attempts_whole_retries_and_nothing_of_its_outputs()
    {
        var before = Play(Dag(Chain.Replace("./a", "./a, retries: 1")), "a: rows=42").Run;
        var (run, _) = Then(
            before,
            x => InterventionDecider.Decide(x, Clear(new((IReadOnlyList<string>?)null), "key"))
        );
        Assert.Equal("a queued, b none, c none: running", Describe(run));
        Assert.Equal((2, 1), (run.Tasks["a"].Attempt, run.Tasks["a"].ClearedAt));
        Assert.Empty(run.Tasks["a"].Outputs);
        run = Report(run, "a", 2, "exit 1");
        Assert.Equal(TaskState.UpForRetry, run.Tasks["a"].State);
    }

    [Fact]
    public void The_attempt_of_a_running_task_is_stopped_and_the_next_one_queued()
    {
        var run = Play(Dag(Chain), "a: hangs").Run;
        run = RunDecider.Decide(run, new ReportStart("a", 1, T0)).Aggregate(run, Run.Evolve);
        var (after, events) = Then(run, x => InterventionDecider.Decide(x, Clear(Only("a"), "key")));
        Assert.Equal([new ClearedTask("a", 1, "default")], Assert.IsType<TasksCleared>(events[0]).Tasks);
        Assert.Equal(2, Assert.IsType<TaskQueued>(events[1]).Attempt);
        Assert.Equal("a queued, b none, c none: running", Describe(after));
    }

    [Fact]
    public void Work_is_cleared_with_its_setups_and_teardowns()
    {
        var run = Play(Dag(Walled), "more: exit 1").Run;
        Assert.Equal(["create", "more", "drop"], Only("more").ToClear(run));
        Assert.Equal(["drop"], Only("drop").ToClear(run));
    }

    [Fact]
    public void A_task_that_a_branch_did_not_choose_stays_skipped_unless_the_branch_is_cleared()
    {
        var run = Play(Dag(Branching), "choose: next=left").Run;
        var (again, _) = Then(run, x => InterventionDecider.Decide(x, Clear(Only("right"), "key")));
        Assert.Equal("choose success, left success, right skipped: success", Describe(again));
        var (both, _) = Then(run, x => InterventionDecider.Decide(x, Clear(Only("choose", "right"), "key")));
        Assert.Equal("choose queued, left success, right none: running", Describe(both));
    }

    [Fact]
    public void A_branch_that_was_marked_and_chose_nothing_skips_nothing()
    {
        var run = Play(Dag(Branching), "choose: exit 1").Run;
        (run, _) = Then(run, x => InterventionDecider.Decide(x, Mark(TaskState.Success, "choose")));
        Assert.Equal("choose success, left queued, right queued: running", Describe(run));
    }

    [Fact]
    public void A_cancelled_run_that_is_cleared_runs_what_was_cancelled()
    {
        var run = Cancel(Play(Dag(Chain), "b: hangs").Run);
        Assert.Equal("a success, b failed, c skipped: failed", Describe(run));
        (run, _) = Then(
            run,
            x => InterventionDecider.Decide(x, Clear(new((IReadOnlyList<string>?)null) { OnlyFailed = true }))
        );
        Assert.Equal("a success, b queued, c none: running", Describe(run));
        Assert.Null(run.EndedBy);
    }

    [Fact]
    public void A_cleared_run_has_its_time_again_and_its_timers()
    {
        var run = Play(Dag("dag: d\ndagrun_timeout: 1h" + Chain[6..]), "c: exit 1").Run;
        var later = new Actor("anna", null, T0.AddHours(5));
        var cleared = InterventionDecider.Decide(run, new ClearTasks(Only("c"), null, later));
        run = cleared.Aggregate(run, Run.Evolve);
        Assert.Equal(T0.AddHours(6), run.TimeoutAt);
        Assert.Equal(
            [RunStream.WatchdogTimer, RunStream.TimeoutTimer],
            RunStream.Definition.Timers(run, cleared[0]).Select(x => x.Purpose)
        );
    }

    [Fact]
    public void A_note_is_taken_once()
    {
        var (run, _) = Play(Dag(Chain));
        (run, var events) = Then(run, x => InterventionDecider.Decide(x, new NoteRun("late data", Anna)));
        Assert.Equal([new RunNoted("late data", "anna", T0)], events);
        (run, _) = Then(run, x => InterventionDecider.Decide(x, new NoteTasks(new(["a"]), "slow", Anna)));
        Assert.Equal(("late data", "slow"), (run.Note, run.Tasks["a"].Note));
    }

    [Fact]
    public void Every_attempt_stays_readable_as_it_was()
    {
        var (run, log) = Play(Dag("dag: d\ntasks: { a: { run: x, retries: 1 } }"), "a: exit 1");
        void Then(IReadOnlyList<RunEvent> events)
        {
            log.AddRange(events);
            run = events.Aggregate(run, Run.Evolve);
        }
        Then(InterventionDecider.Decide(run, Clear(Only("a"), "1")));
        Then(RunDecider.Decide(run, new ReportStart("a", 3, T0)));
        Then(InterventionDecider.Decide(run, Clear(Only("a"), "2")));
        Then(InterventionDecider.Decide(run, new CancelTasks(new(["a"]), Anna)));
        Then(InterventionDecider.Decide(run, Mark(TaskState.Success, "a")));
        Then(InterventionDecider.Decide(run, Clear(Only("a"), "3")));
        Then(RunDecider.Decide(run, Runs.Playback.Report("a", 5, "")));
        Assert.Equal(
            [
                "1 up_for_retry exit (exit code 1)",
                "2 failed exit (exit code 1)",
                "3 failed stopped (cleared by anna)",
                "4 failed cancelled (by anna)",
                "5 success ",
            ],
            TaskTry.Of("a", log).Select(x => $"{x.Number} {x.State} {x.Failure}")
        );
    }
}
