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

    static readonly DagSpec Hourly = Dag("dag: m\nschedule: '@hourly'\ntasks: { x: { noop: true } }");
    static readonly DagSpec Never = Hourly with { Schedule = new("0 0 30 2 *", null, "UTC", Catchup: false) };
    static readonly DagSpec OnMars = Hourly with { Schedule = new("0 * * * *", null, "Mars/Olympus", Catchup: false) };

    static DagPublished Published(DagSpec spec, DateTimeOffset? next) =>
        new(spec, spec.Version(), "m.yaml", next, Resumes: false, T0);

    static DagPublished Resumed(DagSpec spec, string file, DateTimeOffset at) =>
        new(spec, spec.Version(), file, NextTick: null, Resumes: true, at);

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
            .Expect(Resumed(Edited, "m.yaml", Minute(5)));

    [Fact]
    public void Another_schedule_begins_with_its_own_first_tick() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(Hourly, "m.yaml", Minute(5))))
            .Expect(Published(Hourly, Minute(60)) with { At = Minute(5) });

    [Fact]
    public void A_schedule_that_is_to_catch_up_from_now_on_goes_on() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(CatchingUp, "m.yaml", Minute(5))))
            .Expect(Resumed(CatchingUp, "m.yaml", Minute(5)));

    [Fact]
    public void A_schedule_without_a_tick_to_come_does_not_go_on_from_the_one_before() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(Never, "m.yaml", Minute(5))))
            .Expect(Published(Never, next: null) with { At = Minute(5) });

    // m.yaml ──► n.yaml, seen in one scan
    [Fact]
    public void A_moved_file_is_a_version_and_no_withdrawal() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "n.yaml", Minute(5), MovedFrom: "m.yaml")))
            .Expect(Resumed(EveryMinute, "n.yaml", Minute(5)));

    [Fact]
    public void A_file_does_not_take_a_DAG_from_one_that_came_meanwhile() =>
        Given(Published(EveryMinute, Minute(1)) with { File = "other.yaml" })
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "n.yaml", Minute(5), MovedFrom: "m.yaml")))
            .ExpectRejection("dag_taken");

    // gone ──── back: within the grace it was moved, later it was out of service
    [Fact]
    public void A_DAG_that_comes_back_at_once_goes_on() =>
        Given(Published(EveryMinute, Minute(1)), new DagWithdrawn(Minute(5)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "n.yaml", Minute(6))))
            .Expect(Resumed(EveryMinute, "n.yaml", Minute(6)));

    [Fact]
    public void A_DAG_that_was_out_of_service_begins_anew() =>
        Given(Published(EveryMinute, Minute(1)), new DagWithdrawn(Minute(5)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(EveryMinute, "m.yaml", Minute(7))))
            .Expect(Published(EveryMinute, Minute(8)) with { At = Minute(7) });

    [Fact]
    public void A_DAG_that_was_out_of_service_goes_on_when_it_catches_up() =>
        Given(Published(CatchingUp, Minute(1)), new DagWithdrawn(Minute(5)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(CatchingUp, "n.yaml", Minute(9000))))
            .Expect(Resumed(CatchingUp, "n.yaml", Minute(9000)));

    [Fact]
    public void A_DAG_that_comes_back_with_another_schedule_begins_anew() =>
        Given(Published(CatchingUp, Minute(1)), new DagWithdrawn(Minute(5)))
            .When(dag => DagDecider.Decide(dag, new PublishDag(Hourly, "m.yaml", Minute(5))))
            .Expect(Published(Hourly, Minute(60)) with { At = Minute(5) });

    [Fact]
    public void A_schedule_that_stands_still_is_not_published() =>
        Given()
            .When(dag => DagDecider.Decide(dag, new PublishDag(OnMars, "m.yaml", T0)))
            .ExpectRejection("schedule_invalid");

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
    public void Skipped_ticks_are_explained_once() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new NoteSkippedTicks(Minute(1), Minute(3), Minute(4))))
            .Expect(new TicksSkipped(Minute(1), Minute(3), Minute(4)));

    [Fact]
    public void Refused_ticks_are_explained_once() =>
        Given(Published(EveryMinute, Minute(1)))
            .When(dag => DagDecider.Decide(dag, new NoteRefusedTicks(Minute(1), Minute(3), "no such name", Minute(4))))
            .Expect(new TicksRefused(Minute(1), Minute(3), "no such name", Minute(4)));
}
