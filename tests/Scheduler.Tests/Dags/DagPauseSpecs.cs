using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Dags;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

public sealed class DagPauseSpecs
{
    static readonly DagSpec Hourly = Dag("dag: m\nschedule: '@hourly'\ntasks: { x: { noop: true } }");

    static readonly DagPublished Published = new(Hourly, Hourly.Version(), "m.yaml", T0, Resumes: false, T0);

    static Given<Dag> Given(params object[] events) => new(Scheduler.Dags.Dag.Stream, events);

    [Fact]
    public void A_DAG_is_paused_once_and_unpaused_once() =>
        Given(Published)
            .When(dag => DagDecider.Decide(dag, new PauseDag("ada", null, T0)))
            .Expect(new DagPaused("ada", null, T0))
            .When(dag => DagDecider.Decide(dag, new UnpauseDag("ada", T0)))
            .Expect(new DagUnpaused("ada", T0));

    [Fact]
    public void It_stays_paused_when_its_file_changes_or_comes_back()
    {
        var paused = Given(Published, new DagPaused("ada", null, T0), Published);
        Assert.True(paused.State.IsPaused);
        Assert.True(paused.And(new DagWithdrawn(T0), Published).State.IsPaused);
    }

    [Fact]
    public void What_is_no_DAG_is_not_paused()
    {
        Given().When(dag => DagDecider.Decide(dag, new PauseDag("ada", null, T0))).ExpectRejection("unknown_dag");
        Given(Published, new DagWithdrawn(T0))
            .When(dag => DagDecider.Decide(dag, new UnpauseDag("ada", T0)))
            .ExpectRejection("unknown_dag");
    }

    [Fact]
    public void An_unpaused_DAG_looks_at_its_schedule_and_at_its_queued_runs() =>
        Assert.Equal(
            [Scheduler.Dags.Dag.TickTimer, Scheduler.Dags.Dag.AdmissionTimer],
            Scheduler
                .Dags.Dag.Stream.Timers(Given(Published).State, new DagUnpaused("ada", T0))
                .OfType<TimerChange>()
                .Select(x => x.Purpose)
        );

    // what a file says │ the limit │ the mistake
    [Theory]
    [InlineData("max_consecutive_failed_dag_runs: 3", 3, null)]
    [InlineData(
        "max_consecutive_failed_dag_runs: 0",
        null,
        "'max_consecutive_failed_dag_runs' is '0'; write a whole number from 1 to 1000"
    )]
    public void How_many_runs_may_fail_stands_in_the_file(string line, int? limit, string? mistake)
    {
        var reading = DagFile.Read($"dag: d\n{line}\ntasks: {{ x: {{ noop: true }} }}");
        Assert.Equal(mistake, reading.Mistakes.SingleOrDefault()?.Text);
        Assert.Equal(limit, reading.Spec?.MaxConsecutiveFailedDagRuns);
    }
}
