using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Runs that end before their tasks do: <c>dagrun_timeout</c> and <c>fail_fast</c>.</summary>
public sealed class StoppedRunSpecs
{
    const string Tasks = """

        tasks:
          create: { run: ./create, setup: true }
          bad: { needs: [create], run: ./bad }
          slow: { needs: [create], run: ./slow }
          after: { needs: [bad], noop: true }
          later: { needs: [slow], noop: true }
          drop: { needs: [create, after, later], run: ./drop, teardown: true }
        """;

    static readonly string FailFast = "dag: d\nfail_fast: true" + Tasks;
    static readonly string Limited = "dag: d\ndagrun_timeout: 1h" + Tasks;

    [Fact]
    public void The_first_failure_stops_what_runs_skips_what_waits_and_leaves_teardowns()
    {
        var (run, log) = Play(Dag(FailFast), "slow: hangs", "bad: exit 1");
        Assert.Equal(
            "create success, bad failed, slow failed, after skipped, later skipped, drop success: failed",
            Describe(run)
        );
        Assert.Equal(
            new TaskStopped("slow", 1, "default", StopReason.FailFast, T0),
            Assert.Single(log.OfType<TaskStopped>())
        );
        var finished = Assert.IsType<RunFinished>(log[^1]);
        Assert.Equal(
            (StopReason.FailFast, "bad"),
            (finished.Stopped, Assert.Single(finished.Failed).Task) // not what was stopped
        );
    }

    [Fact]
    public void A_retry_comes_before_the_run_fails_fast() =>
        Assert.Equal(
            2,
            Play(Dag(FailFast.Replace("./bad", "./bad, retries: 1")), "bad: exit 1").Run.Tasks["bad"].Attempt
        );

    [Fact]
    public void What_a_stopped_attempt_reports_decides_nothing()
    {
        var run = Play(Dag(FailFast), "slow: hangs", "bad: exit 1").Run;
        Assert.Empty(RunDecider.Decide(run, Report("slow", 1, "")));
    }

    [Fact]
    public void A_failure_that_is_cleared_brings_back_what_was_stopped_with_it()
    {
        var run = Play(Dag(FailFast), "slow: hangs", "bad: exit 1").Run;
        var cleared = RunDecider.Decide(run, new ClearTask("bad", 1, 128, "case", T0));
        run = cleared.Aggregate(run, Run.Evolve);
        Assert.Equal(
            "create success, bad queued, slow queued, after none, later none, drop success: running",
            Describe(run)
        );
        Assert.Equal(2, run.Tasks["slow"].Attempt);
    }

    [Fact]
    public void When_its_time_is_up_a_run_has_failed_and_every_task_that_has_not_ended_is_skipped()
    {
        var (run, log) = Play(Dag(Limited), "slow: hangs");
        var end = T0 + TimeSpan.FromHours(1);
        Assert.Equal(end, run.TimeoutAt);
        var ended = new Given<Run>(RunStream.Definition, [.. log])
            .When(x => RunDecider.Decide(x, new RunTimeoutDue(end)))
            .Expect(
                new RunStopped(StopReason.Timeout, null, end),
                new TaskStopped("slow", 1, "default", StopReason.Timeout, end),
                new TaskSkipped("later", end) { Reason = SkipReason.Timeout },
                new TaskSkipped("drop", end) { Reason = SkipReason.Timeout },
                Finished(RunOutcome.Failed) with
                {
                    At = end,
                    Stopped = StopReason.Timeout,
                }
            )
            .State;
        Assert.Equal(
            "create success, bad success, slow skipped, after success, later skipped, drop skipped: failed",
            Describe(ended)
        );
    }

    [Fact]
    public void A_timeout_that_comes_after_the_end_decides_nothing() =>
        Assert.Empty(RunDecider.Decide(Play(Dag(Limited)).Run, new RunTimeoutDue(T0 + TimeSpan.FromHours(1))));

    [Fact]
    public void A_timeout_from_before_the_run_was_reopened_decides_nothing() =>
        Assert.Empty(RunDecider.Decide(Play(Dag(Limited), "slow: hangs").Run, new RunTimeoutDue(T0)));

    [Fact]
    public void A_run_with_a_limit_has_a_timer_that_counts_anew_when_the_run_is_reopened()
    {
        var (run, log) = Play(Dag(Limited), "bad: exit 1");
        IEnumerable<TimerChange> Timers(Run state, object e) =>
            RunStream.Definition.Timers(state, e).Where(x => x.Purpose == RunStream.TimeoutTimer);
        var hour = TimeSpan.FromHours(1);
        Assert.Equal([new TimerChange.In("timeout", hour)], Timers(Run.Evolve(Run.None, log[0]), log[0]));
        Assert.Equal([new TimerChange.Off("timeout")], Timers(run, log[^1]));
        var later = T0 + TimeSpan.FromHours(5);
        var cleared = RunDecider.Decide(run, new ClearTask("bad", 1, 128, "case", later))[0];
        Assert.Equal([new TimerChange.In("timeout", hour)], Timers(Run.Evolve(run, cleared), cleared));
    }
}
