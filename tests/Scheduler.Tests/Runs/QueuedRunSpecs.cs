using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Schedules;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Runs;

/// <summary>Runs that do not start when they are queued.</summary>
public sealed class QueuedRunSpecs
{
    static readonly DagSpec Limited = ExtractThenLoad with { MaxActiveRuns = 1, DagRunTimeout = TimeSpan.FromHours(1) };
    static readonly DateTimeOffset Later = T0.AddHours(3);

    static Given<Run> Given(params object[] events) => new(RunStream.Definition, events);

    static readonly RunQueued Waiting = (RunQueued)RunDecider.Decide(Run.None, Start(Limited)).Single();

    [Fact]
    public void A_run_of_a_DAG_with_a_limit_is_queued_and_none_of_its_tasks_is() =>
        Given().When(run => RunDecider.Decide(run, Start(Limited))).Expect(Queued(Limited) with { RunAfter = T0 });

    [Fact]
    public void A_run_for_later_is_queued_and_one_for_earlier_starts_at_once()
    {
        var later = Start(ExtractThenLoad) with { RunAfter = Later };
        Given().When(run => RunDecider.Decide(run, later)).Expect(Queued(ExtractThenLoad) with { RunAfter = Later });
        var earlier = Start(ExtractThenLoad) with { RunAfter = T0.AddHours(-1) };
        Given()
            .When(run => RunDecider.Decide(run, earlier))
            .Expect(Queued(ExtractThenLoad), TaskQueued(ExtractThenLoad, "extract", 1));
    }

    [Fact]
    public void A_backfill_limits_its_runs_itself() =>
        Given()
            .When(run => RunDecider.Decide(run, Start(Limited) with { BackfillId = 7 }))
            .Expect(Queued(Limited) with { BackfillId = 7, RunAfter = null }, TaskQueued(Limited, "extract", 1));

    [Fact]
    public void An_admitted_run_queues_the_tasks_that_need_nothing_and_its_time_begins()
    {
        var started = Given(Waiting)
            .When(run => RunDecider.Decide(run, new BeginRun(Later)))
            .Expect(new RunStarted(Later), TaskQueued(Limited, "extract", 1, Later));
        Assert.Equal((Later, Later.AddHours(1)), (started.State.StartedAt, started.State.TimeoutAt));
    }

    [Fact]
    public void Nothing_happens_to_a_run_that_waits()
    {
        var run = Given(Waiting);
        Assert.Null(run.State.TimeoutAt);
        run.When(x => RunDecider.Decide(x, new RunTimeoutDue(Later.AddDays(1)))).ExpectNothing();
        run.When(x => RunDecider.Decide(x, Succeeded("extract"))).ExpectNothing();
        run.When(x => RunDecider.Decide(x, Start(Limited))).ExpectNothing();
    }

    [Fact]
    public void A_run_that_has_started_or_ended_is_not_admitted()
    {
        Given(Queued(ExtractThenLoad)).When(x => RunDecider.Decide(x, new BeginRun(Later))).ExpectNothing();
        Given(Waiting, Finished(RunOutcome.Failed))
            .When(x => RunDecider.Decide(x, new BeginRun(Later)))
            .ExpectNothing();
    }

    // Nothing admits it: its row went with its end.
    [Fact]
    public void A_run_that_was_cancelled_while_it_was_queued_starts_when_it_is_cleared()
    {
        var by = new Actor("anna", null, Later);
        var cancelled = InterventionDecider.Decide(Given(Waiting).State, new CancelRun(by));
        Assert.IsType<RunFinished>(cancelled[^1]);
        var run = Given([Waiting, .. cancelled]).State;
        Assert.Null(run.StartedAt);
        var cleared = InterventionDecider.Decide(run, new ClearTasks(new TaskSelection(null), null, by));
        Assert.Equal([typeof(TasksCleared), typeof(TaskQueued)], cleared.Select(x => x.GetType()));
        var again = cleared.Aggregate(run, Run.Evolve);
        Assert.Equal((Later, false), (again.StartedAt, again.IsWaiting));
    }

    // now ▲ is four ticks behind the cursor │ room │ runs made, where the cursor is then
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 3, 3)]
    [InlineData(500, 4, 4)]
    public void A_schedule_that_catches_up_makes_as_many_runs_as_the_limit_leaves(int room, int made, int hours)
    {
        var schedule = new Schedule("0 * * * *", null, "UTC", Catchup: true);
        var cursor = new TickCursor("dag-etl", T0);
        var due = TickDecider.Decide(schedule, cursor, T0.AddHours(3), room);
        Assert.Equal((made, T0.AddHours(hours)), (due.Runs.Count, due.After.NextTick));
    }

    // what a file says │ the limit │ the mistake
    [Theory]
    [InlineData("max_active_runs: 3", 3, null)]
    [InlineData("fail_fast: false", null, null)]
    [InlineData("max_active_runs: 0", null, "'max_active_runs' is '0'; write a whole number from 1 to 10000")]
    [InlineData("max_active_runs: many", null, "'max_active_runs' is 'many'; write a whole number from 1 to 10000")]
    [InlineData("schedule: '@continuous'\nmax_active_runs: 1", 1, null)]
    [InlineData(
        "schedule: '@continuous'\nmax_active_runs: 2",
        null,
        "'max_active_runs' must be 1 for '@continuous', whose runs follow one another; write 1, or leave it out"
    )]
    public void The_limit_stands_in_the_file(string line, int? limit, string? mistake)
    {
        var reading = DagFile.Read($"dag: d\n{line}\ntasks: {{ x: {{ noop: true }} }}");
        Assert.Equal(mistake, reading.Mistakes.SingleOrDefault()?.Text);
        Assert.Equal(limit, reading.Spec?.MaxActiveRuns);
    }
}
