using Nightshift.Escalation.Incidents;
using Nightshift.Escalation.Tiers;
using Nightshift.Plumbing.Timers;
using Nightshift.Testing;

namespace Nightshift.Escalation.Tests.Incidents;

public sealed class IncidentDeciderTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    static readonly IReadOnlyList<Tier> Three =
    [
        new(TimeSpan.Zero, ["log", "status"]),
        new(TimeSpan.FromMinutes(5), ["log", "command"]),
        new(TimeSpan.FromMinutes(15), ["command"]),
    ];

    static DateTimeOffset At(double minutes) => T0.AddMinutes(minutes);

    static Given<Incident> Nothing => new(IncidentStream.Definition);

    static Func<Incident, IReadOnlyList<IncidentEvent>> Raise(
        string cause,
        double at,
        double? failedAt = null,
        IReadOnlyList<Tier>? tiers = null
    ) =>
        x =>
            IncidentDecider.Decide(
                x,
                new Raise(
                    "container.web",
                    cause,
                    "web is unhealthy",
                    "budget",
                    "container.web",
                    At(failedAt ?? at),
                    tiers ?? Three,
                    At(at)
                )
            );

    static Func<Incident, IReadOnlyList<IncidentEvent>> Recover(double at, double? recoveredAt = null) =>
        x => IncidentDecider.Decide(x, new SeeRecovery("container.web", "healthy", At(recoveredAt ?? at), At(at)));

    static Func<Incident, IReadOnlyList<IncidentEvent>> Due(int epoch, int tier, double due, double? at = null) =>
        x => IncidentDecider.Decide(x, new EnterTier(epoch, tier, At(due), At(at ?? due)));

    static Func<Incident, IReadOnlyList<IncidentEvent>> Told(
        int epoch,
        int tier,
        string channel,
        string? failure,
        double at
    ) => x => IncidentDecider.Decide(x, new RecordNotification(epoch, tier, channel, failure, At(at)));

    static Func<Incident, IReadOnlyList<IncidentEvent>> Ack(string by, double at) =>
        x => IncidentDecider.Decide(x, new Acknowledge(by, "on it", At(at)));

    static Func<Incident, IReadOnlyList<IncidentEvent>> Resolve(string by, double at) =>
        x => IncidentDecider.Decide(x, new Resolve(by, "replaced", At(at)));

    static IncidentRaised Raised(int epoch, string cause, double at, IReadOnlyList<Tier>? tiers = null) =>
        new(
            epoch,
            "container.web",
            cause,
            "web is unhealthy",
            "budget",
            "container.web",
            tiers ?? Three,
            At(at),
            At(at)
        );

    static TierEntered Entered(int epoch, int tier, double at, double? due = null, string why = IncidentDecider.Due) =>
        new(epoch, tier, why, due is { } x ? At(x) : null, At(at));

    static Given<Incident> Open => Nothing.When(Raise("c1", 0)).Expect(Raised(1, "c1", 0), Entered(1, 1, 0));

    static Given<Incident> InTier2 => Open.When(Due(1, 2, 5)).Expect(Entered(1, 2, 5, due: 5));

    static Given<Incident> Closed => Open.When(Resolve("anna", 3)).Expect(new Resolved(1, "anna", "replaced", At(3)));

    [Fact]
    public void What_healing_gave_up_on_becomes_an_incident_in_its_first_tier() =>
        Assert.Equal(IncidentState.Open, Open.State.State);

    [Fact]
    public void A_first_tier_with_a_delay_waits_for_its_timer()
    {
        IReadOnlyList<Tier> patient = [new(TimeSpan.FromMinutes(1), ["log"])];
        Nothing
            .When(Raise("c1", 0, tiers: patient))
            .Expect(Raised(1, "c1", 0, patient))
            .When(Due(1, 1, 1))
            .Expect(Entered(1, 1, 1, due: 1));
    }

    [Fact]
    public void Tiers_without_a_delay_follow_at_once()
    {
        IReadOnlyList<Tier> hasty =
        [
            new(TimeSpan.Zero, ["log"]),
            new(TimeSpan.Zero, ["status"]),
            new(TimeSpan.FromMinutes(1), ["log"]),
        ];
        Nothing
            .When(Raise("c1", 0, tiers: hasty))
            .Expect(Raised(1, "c1", 0, hasty), Entered(1, 1, 0), Entered(1, 2, 0));
    }

    [Fact]
    public void A_further_failure_is_counted_and_nothing_else() =>
        Assert.Equal(
            2,
            Open.When(Raise("c2", 1))
                .Expect(new DuplicateSeen(1, "c2", "web is unhealthy", "budget", At(1), At(1)))
                .State.Failures
        );

    // A DAG that fails each minute: one incident that names the runs and tasks, as many as there is room for.
    [Fact]
    public void Failed_runs_of_a_DAG_are_one_incident_that_names_runs_and_tasks()
    {
        var given = Nothing;
        for (var run = 1; run <= 30; run++)
        {
            var raise = new Raise(
                "dag.etl",
                $"r{run}@1",
                $"etl failed in run r{run}",
                "no remedy",
                "dag.etl",
                At(run),
                Three,
                At(run),
                $"r{run}",
                [$"t{run % 3}", "load"]
            );
            given = given.And(given.When(x => IncidentDecider.Decide(x, raise)).Events);
        }
        Assert.Single(given.Past.OfType<IncidentRaised>());
        Assert.Equal((IncidentState.Open, 30), (given.State.State, given.State.Failures));
        Assert.Equal(Enumerable.Range(11, 20).Select(x => $"r{x}"), given.State.Runs);
        Assert.Equal(["t1", "load", "t2", "t0"], given.State.Tasks);
        var row = given.Past.Aggregate(
            default(IncidentRow),
            (x, e) => new IncidentRowProjection().Evolve(x, "incident-dag.etl", new JasperFx.Events.Event<object>(e))
        );
        Assert.Equal(given.State.Runs, row!.Runs);
        Assert.Equal(given.State.Tasks, row.Tasks);
    }

    [Fact]
    public void A_further_run_that_failed_twice_is_named_once() =>
        Assert.Equal(["r2", "r1"], Incident.AddRun(["r1", "r2"], "r1"));

    [Fact]
    public void Tiers_follow_one_another() =>
        InTier2.When(Due(1, 3, 20)).Expect(Entered(1, 3, 20, due: 20)).When(Due(1, 4, 99)).ExpectNothing();

    [Fact]
    public void A_late_timer_enters_its_tier_once_and_says_how_late() =>
        Open.When(Due(1, 2, 5, at: 300)).Expect(Entered(1, 2, 300, due: 5));

    [Fact]
    public void A_timer_of_another_tier_or_epoch_decides_nothing() =>
        Open.When(Due(1, 3, 5)).ExpectNothing().When(Due(1, 1, 5)).ExpectNothing().When(Due(2, 2, 5)).ExpectNothing();

    [Fact]
    public void Acknowledged_no_further_tier_begins() =>
        Open.When(Ack("anna", 4))
            .Expect(new Acknowledged(1, "anna", "on it", At(4)))
            .When(Due(1, 2, 5))
            .ExpectNothing();

    [Fact]
    public void An_acknowledgement_that_lost_the_race_lands_on_the_new_tier() =>
        Assert.Equal(
            2,
            InTier2
                .When(Ack("anna", 5))
                .Expect(new Acknowledged(1, "anna", "on it", At(5)))
                .When(Due(1, 3, 20))
                .ExpectNothing()
                .State.Tier
        );

    [Fact]
    public void A_second_person_takes_it_over() =>
        Assert.Equal(
            "ben",
            Open.When(Ack("anna", 4))
                .Expect(new Acknowledged(1, "anna", "on it", At(4)))
                .When(Ack("ben", 6))
                .Expect(new Acknowledged(1, "ben", "on it", At(6)))
                .State.AcknowledgedBy
        );

    [Fact]
    public void A_further_failure_of_an_acknowledged_incident_is_counted_only() =>
        Open.When(Ack("anna", 4))
            .Expect(new Acknowledged(1, "anna", "on it", At(4)))
            .When(Raise("c2", 5))
            .Expect(new DuplicateSeen(1, "c2", "web is unhealthy", "budget", At(5), At(5)))
            .When(Due(1, 2, 5))
            .ExpectNothing();

    [Fact]
    public void There_is_nothing_to_acknowledge_once_it_is_resolved() =>
        Closed.When(Ack("anna", 9)).ExpectRejection("incident_resolved");

    [Fact]
    public void There_is_nothing_to_acknowledge_or_resolve_before_it_is_raised()
    {
        Nothing.When(Ack("anna", 9)).ExpectRejection("unknown_incident");
        Nothing.When(Resolve("anna", 9)).ExpectRejection("unknown_incident");
    }

    [Fact]
    public void Resolved_no_further_tier_begins() => Closed.When(Due(1, 2, 5)).ExpectNothing();

    [Fact]
    public void An_acknowledged_incident_can_be_resolved() =>
        Open.When(Ack("anna", 4))
            .Expect(new Acknowledged(1, "anna", "on it", At(4)))
            .When(Resolve("anna", 5))
            .Expect(new Resolved(1, "anna", "replaced", At(5)));

    [Fact]
    public void A_new_failure_after_it_was_resolved_opens_it_again_from_the_first_tier() =>
        Closed
            .When(Raise("c2", 10))
            .Expect(Raised(2, "c2", 10), Entered(2, 1, 10))
            .When(Due(1, 2, 11))
            .ExpectNothing()
            .When(Due(2, 2, 15))
            .Expect(Entered(2, 2, 15, due: 15));

    [Fact]
    public void A_failure_told_again_after_it_was_resolved_is_history() => Closed.When(Raise("c1", 10)).ExpectNothing();

    [Fact]
    public void Seen_to_work_again_it_is_resolved() =>
        Open.When(Recover(3))
            .Expect(
                new RecoverySeen(1, "container.web", "healthy", At(3), At(3)),
                new Resolved(1, "healer", "healthy", At(3))
            );

    // healer:  recovered 2 ── failed 3        what arrives:  the failure, then the recovery
    [Fact]
    public void A_recovery_older_than_the_last_failure_resolves_nothing() =>
        Nothing
            .When(Raise("c1", 3))
            .Expect(Raised(1, "c1", 3), Entered(1, 1, 3))
            .When(Recover(4, recoveredAt: 2))
            .Expect(new RecoverySeen(1, "container.web", "healthy", At(2), At(4)));

    // healer:  failed 2 ── recovered 3        what arrives:  the recovery, then the failure
    [Fact]
    public void A_failure_older_than_the_last_recovery_raises_nothing() =>
        Nothing
            .When(Recover(4, recoveredAt: 3))
            .Expect(new RecoverySeen(0, "container.web", "healthy", At(3), At(4)))
            .When(Raise("c1", 5, failedAt: 2))
            .ExpectNothing();

    [Fact]
    public void What_was_told_to_a_channel_is_recorded_once() =>
        Open.When(Told(1, 1, "log", null, 0))
            .Expect(new NotificationSent(1, 1, "log", At(0)))
            .When(Told(1, 1, "log", "late failure", 1))
            .ExpectNothing();

    [Fact]
    public void A_tier_that_reached_somebody_waits_for_the_next_timer() =>
        Open.When(Told(1, 1, "log", "disk full", 0))
            .Expect(new NotificationFailed(1, 1, "log", "disk full", At(0)))
            .When(Told(1, 1, "status", null, 0))
            .Expect(new NotificationSent(1, 1, "status", At(0)));

    [Fact]
    public void A_tier_that_reached_nobody_gives_way_to_the_next_at_once() =>
        InTier2
            .When(Told(1, 2, "log", "disk full", 6))
            .Expect(new NotificationFailed(1, 2, "log", "disk full", At(6)))
            .When(Told(1, 2, "command", "exit 1", 6))
            .Expect(
                new NotificationFailed(1, 2, "command", "exit 1", At(6)),
                Entered(1, 3, 6, why: IncidentDecider.Unreached)
            )
            .When(Due(1, 3, 20))
            .ExpectNothing();

    [Fact]
    public void Nobody_reached_in_the_last_tier_leaves_it_open()
    {
        var last = InTier2
            .When(Due(1, 3, 20))
            .Expect(Entered(1, 3, 20, due: 20))
            .When(Told(1, 3, "command", "exit 1", 21))
            .Expect(new NotificationFailed(1, 3, "command", "exit 1", At(21)));
        Assert.Equal(IncidentState.Open, last.State.State);
    }

    [Fact]
    public void Nobody_reached_after_somebody_acknowledged_anyway_begins_no_tier() =>
        InTier2
            .When(Ack("anna", 5.5))
            .Expect(new Acknowledged(1, "anna", "on it", At(5.5)))
            .When(Told(1, 2, "log", "x", 6))
            .Expect(new NotificationFailed(1, 2, "log", "x", At(6)))
            .When(Told(1, 2, "command", "x", 6))
            .Expect(new NotificationFailed(1, 2, "command", "x", At(6)));

    [Fact]
    public void An_outcome_of_an_earlier_epoch_is_history() =>
        Closed
            .When(Raise("c2", 10))
            .Expect(Raised(2, "c2", 10), Entered(2, 1, 10))
            .When(Told(1, 1, "log", null, 11))
            .ExpectNothing();

    [Fact]
    public void Each_tier_arms_the_timer_of_the_next_by_its_own_delay()
    {
        var raised = Raised(1, "c1", 0);
        var (afterRaise, timers) = (Incident.Evolve(Incident.None, raised), IncidentStream.Definition.Timers);
        Assert.Empty(timers(afterRaise, raised)); // the first tier has no delay and has been entered
        Assert.Equal(
            [new TimerChange.In("tier:1:2", TimeSpan.FromMinutes(5))],
            timers(Incident.Evolve(afterRaise, Entered(1, 1, 0)), Entered(1, 1, 0))
        );
        Assert.Equal(
            [new TimerChange.In("tier:1:3", TimeSpan.FromMinutes(15))],
            timers(Incident.Evolve(afterRaise, Entered(1, 2, 5)), Entered(1, 2, 5))
        );
        Assert.Empty(timers(Incident.Evolve(afterRaise, Entered(1, 3, 20)), Entered(1, 3, 20)));
        // a further failure leaves the running timer alone
        Assert.Empty(timers(afterRaise, new DuplicateSeen(1, "c2", "", "", At(1), At(1))));
    }
}
