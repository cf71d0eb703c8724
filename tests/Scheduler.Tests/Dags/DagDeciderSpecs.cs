using Nightshift.Scheduler.Dags;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

public sealed class DagDeciderSpecs
{
    static readonly DagSpec EveryMinute = Dag("dag: m\nschedule: '*/1 * * * *'\ntasks: { x: { noop: true } }");
    static readonly DagSpec CatchingUp = Dag(
        "dag: m\nschedule: '*/1 * * * *'\ncatchup: true\ntasks: { x: { noop: true } }"
    );
    static readonly DagSpec Edited = Dag(
        "dag: m\nschedule: '*/1 * * * *'\ntasks: { x: { noop: true }, y: { noop: true } }"
    );

    static Given<Dag> Given(params object[] events) => new(Scheduler.Dags.Dag.Stream, events);

    static DagPublished Published(DagSpec spec, DateTimeOffset? next) => new(spec, spec.Version(), "m.yaml", next, T0);

    static DateTimeOffset Minute(int minutes) => T0 + TimeSpan.FromMinutes(minutes);

    [Fact]
    public void A_new_file_is_live_and_waits_for_its_first_tick() =>
        Given()
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "m.yaml", T0)))
            .Expect(Published(EveryMinute, Minute(1)));

    [Fact]
    public void The_same_content_again_changes_nothing() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "m.yaml", Minute(5))))
            .ExpectNothing();

    [Fact]
    public void An_edit_does_not_swallow_ticks_that_are_due() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(Edited, "m.yaml", Minute(5))))
            .Expect(new DagPublished(Edited, Edited.Version(), "m.yaml", Minute(1), Minute(5)));

    [Fact]
    public void Two_files_cannot_define_one_DAG() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "copy.yaml", T0)))
            .ExpectRejection("dag_taken");

    [Fact]
    public void A_file_that_is_gone_withdraws_its_DAG_once() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new WithdrawDag("m.yaml", T0)))
            .Expect(new DagWithdrawn(T0));

    [Fact]
    public void A_DAG_that_moved_to_another_file_is_not_withdrawn_with_the_old_one() =>
        Given(Published(EveryMinute, Minute(1)) with { File = "new.yaml" })
            .When(dag => DagDecider.Decide(dag, new WithdrawDag("m.yaml", T0)))
            .ExpectNothing();

    [Fact]
    public void After_an_outage_a_DAG_runs_its_latest_tick() =>
        Assert.Equal(
            [Minute(4)],
            DagDecider.DueTicks(Given(Published(EveryMinute, Minute(1))).State, Minute(4) + TimeSpan.FromSeconds(20))
        );

    [Fact]
    public void After_an_outage_a_DAG_that_catches_up_runs_every_tick() =>
        Assert.Equal(
            [Minute(1), Minute(2), Minute(3), Minute(4)],
            DagDecider.DueTicks(Given(Published(CatchingUp, Minute(1))).State, Minute(4) + TimeSpan.FromSeconds(20))
        );

    [Fact]
    public void A_long_outage_is_caught_up_in_portions()
    {
        var dag = Given(Published(CatchingUp, Minute(1))).State;
        var ticks = DagDecider.DueTicks(dag, Minute(DagDecider.TicksAtOnce + 100));
        Assert.Equal(DagDecider.TicksAtOnce, ticks.Count);
        Assert.Equal(
            ticks[^1] + TimeSpan.FromMinutes(1),
            Assert.IsType<TicksPassed>(DagDecider.Decide(dag, new PassTicks(ticks, ticks[^1], T0)).Single()).NextTick
        );
    }

    [Fact]
    public void Ticks_are_noted_once() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PassTicks([Minute(4)], Minute(4), Minute(5))))
            .Expect(new TicksPassed([Minute(4)], Minute(4), Minute(5), Minute(5)));

    [Fact]
    public void Nothing_is_due_before_its_time_or_without_a_file()
    {
        Assert.Empty(DagDecider.DueTicks(Given(Published(EveryMinute, Minute(1))).State, T0));
        Assert.Empty(
            DagDecider.DueTicks(Given(Published(EveryMinute, Minute(1)), new DagWithdrawn(T0)).State, Minute(9))
        );
    }
}
