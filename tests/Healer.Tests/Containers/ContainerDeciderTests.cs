using Nightshift.Healer.Cases;
using Nightshift.Healer.Containers;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tests.Cases;
using Nightshift.Testing;
using static Nightshift.Healer.Tests.Cases.CaseTables;

namespace Nightshift.Healer.Tests.Containers;

public sealed class ContainerDeciderTests
{
    const string Target = "container.web";
    static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Unhealthy(int incarnation, double at) =>
        (x, decision) =>
            ContainerDecider.Decide(
                x,
                new SeeContainerFail("e1", "web", incarnation, "unhealthy", null, At(at)),
                decision
            );

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Exited(int incarnation, double at) =>
        (x, decision) =>
            ContainerDecider.Decide(x, new SeeContainerFail("e1", "web", incarnation, "exited", 137, At(at)), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Healthy(
        int incarnation,
        double at,
        bool check = true
    ) => (x, decision) => ContainerDecider.Decide(x, new SeeContainerWell("web", incarnation, check, At(at)), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Refused(int incarnation, double at) =>
        (x, decision) =>
            ContainerDecider.Decide(x, new SeeRestartFail("web", incarnation, "no such container", At(at)), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Removed(int incarnation) =>
        (x, decision) => ContainerDecider.Decide(x, new SeeContainerRemoved("web", incarnation), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Stopped(int incarnation) =>
        (x, decision) => ContainerDecider.Decide(x, new SeeContainerStopped("web", incarnation), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Act(int action) =>
        (x, decision) => ContainerDecider.Decide(x, new ActNow("web", action), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Verify(int action) =>
        (x, decision) => ContainerDecider.Decide(x, new CheckVerified("web", action), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Stable(int incarnation) =>
        (x, decision) => ContainerDecider.Decide(x, new CheckStable("web", incarnation), decision);

    static AnomalySeen Seen(int incarnation, double failed, double at, bool exited = false) =>
        new(
            Target,
            "web",
            incarnation,
            $"web.{incarnation}.{At(failed).UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}",
            exited ? "exited" : "unhealthy",
            exited ? "Container web exited with 137" : "Container web is unhealthy",
            "e1",
            At(failed),
            At(at)
        );

    static RestartStarted Restart(int action, int incarnation, double at) =>
        new(Target, "web", action, "e1", incarnation, Minute, At(at));

    static RestartPlanned Planned(int action, int incarnation, double wait, double at) =>
        new(Target, "web", action, incarnation, TimeSpan.FromSeconds(wait), At(at));

    static HealthSeen Sound(int incarnation, double well, double at, double? wait = null) =>
        new(Target, "web", incarnation, At(well), wait is { } x ? TimeSpan.FromSeconds(x) : null, At(at));

    static HealingVerified Verified(int tries, string what, double at, bool escalated = false) =>
        new(Target, "web", tries, $"web {what}", escalated, At(at));

    static SubjectRemoved Gone(int incarnation, double at, bool escalated = false) =>
        new(Target, "web", incarnation, "web was removed", escalated, At(at));

    static Given<Case> Restarting => Nothing.When(Unhealthy(1, 0), at: 1).Expect(Seen(1, 0, 1), Restart(1, 1, 1));

    static Given<Case> GivenUp =>
        Restarting
            .When(Exited(2, 3), at: 3)
            .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3))
            .When(Act(2), at: 5)
            .Expect(Restart(2, 2, 5))
            .When(Exited(3, 6), at: 6)
            .Expect(Seen(3, 6, 6, exited: true), Planned(3, 3, wait: 4, at: 6))
            .When(Act(3), at: 10)
            .Expect(Restart(3, 3, 10))
            .When(Exited(4, 11), at: 11)
            .Expect(
                Seen(4, 11, 11, exited: true),
                new HealingFailed(
                    Target,
                    "web",
                    "web.4.20260301T090011.000Z",
                    "Container web exited with 137",
                    "it exited with 137, and the budget of 3 actions per hour on this target is used up",
                    At(11),
                    Turn: 4
                )
            );

    [Fact]
    public void A_failed_container_is_restarted_at_once() =>
        Assert.Equal(EpisodeState.Acting, Restarting.State["web"].State);

    [Fact]
    public void Health_after_the_restart_ends_the_episode() =>
        Restarting
            .When(Healthy(2, 4), at: 4)
            .Expect(Sound(2, 4, 4), Verified(1, "works again after a restart: its health check passes", 4))
            .When(Verify(1), at: 61)
            .ExpectNothing();

    [Fact]
    public void Without_a_health_check_running_has_to_last() =>
        Restarting
            .When(Healthy(2, 4, check: false), at: 4)
            .Expect(Sound(2, 4, 4, wait: 5))
            .When(Verify(1), at: 8)
            .ExpectNothing()
            .When(Stable(2), at: 9)
            .Expect(Verified(1, "works again after a restart: it keeps running", 9));

    [Fact]
    public void Falling_over_while_it_has_to_last_counts_as_failed_again() =>
        Restarting
            .When(Healthy(2, 4, check: false), at: 4)
            .Expect(Sound(2, 4, 4, wait: 5))
            .When(Exited(2, 6), at: 6)
            .Expect(Seen(2, 6, 6, exited: true), Planned(2, 2, wait: 2, at: 6))
            .When(Stable(2), at: 9)
            .ExpectNothing();

    [Fact]
    public void Restarts_wait_longer_and_longer_until_the_budget_is_used_up() =>
        Assert.Equal(EpisodeState.GivenUp, GivenUp.State["web"].State);

    [Fact]
    public void Repaired_by_hand_after_giving_up_it_is_told_that_an_incident_may_be_open() =>
        GivenUp
            .When(Healthy(5, 100), at: 100)
            .Expect(
                Sound(5, 100, 100),
                Verified(0, "recovered by itself: its health check passes", 100, escalated: true)
            );

    [Fact]
    public void Repaired_by_hand_without_a_health_check_it_has_to_last_too() =>
        GivenUp
            .When(Healthy(5, 100, check: false), at: 100)
            .Expect(Sound(5, 100, 100, wait: 5))
            .When(Stable(5), at: 105)
            .Expect(Verified(0, "recovered by itself: it keeps running", 105, escalated: true));

    [Fact]
    public void A_new_failure_after_giving_up_is_restarted_at_once_when_the_budget_allows_it() =>
        GivenUp.When(Exited(5, 7000), at: 7000).Expect(Seen(5, 7000, 7000, exited: true), Restart(4, 5, 7000));

    [Fact]
    public void A_new_failure_after_an_episode_ended_starts_over_without_waiting() =>
        Restarting
            .When(Healthy(2, 4), at: 4)
            .Expect(Sound(2, 4, 4), Verified(1, "works again after a restart: its health check passes", 4))
            .When(Unhealthy(2, 30), at: 30)
            .Expect(Seen(2, 30, 30), Restart(2, 2, 30));

    [Fact]
    public void Not_healthy_in_time_the_incarnation_the_restart_made_is_restarted() =>
        Restarting
            .When(Verify(1), at: 61)
            .Expect(
                new ActionFailed(Target, "web", 1, "it was not healthy within 60 s of its restart", At(61)),
                Planned(2, 2, wait: 2, at: 61)
            )
            .When(Act(2), at: 63)
            .Expect(Restart(2, 2, 63))
            .When(Unhealthy(2, 62.5), at: 63.5)
            .Expect(Seen(2, 62.5, 63.5)); // the restart under way answers it

    [Fact]
    public void A_restart_the_engine_refused_is_tried_again() =>
        Restarting
            .When(Refused(1, 2), at: 2)
            .Expect(
                new ActionFailed(Target, "web", 1, "the engine could not restart it: no such container", At(2)),
                Planned(2, 1, wait: 2, at: 2)
            );

    [Fact]
    public void A_refusal_of_an_earlier_restart_is_history() =>
        Restarting
            .When(Refused(1, 2), at: 2)
            .Expect(
                new ActionFailed(Target, "web", 1, "the engine could not restart it: no such container", At(2)),
                Planned(2, 1, wait: 2, at: 2)
            )
            .When(Act(2), at: 4)
            .Expect(Restart(2, 1, 4))
            .When(Refused(1, 2), at: 5)
            .ExpectNothing();

    [Fact]
    public void Refused_beyond_the_budget_a_person_is_asked()
    {
        var policy = new HealingPolicy { MaxActionsPerTargetPerHour = 1 };
        Assert.Equal(
            "the engine could not restart it: no such container, and the budget of 1 action per hour on this target is used up",
            Assert.IsType<HealingFailed>(Restarting.When(Refused(1, 2), at: 2, policy).Events[^1]).Why
        );
    }

    [Fact]
    public void A_planned_restart_that_became_too_many_asks_a_person()
    {
        var planned = Restarting
            .When(Exited(2, 3), at: 3)
            .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3));
        Assert.IsType<HealingFailed>(
            planned.When(Act(2), at: 5, new HealingPolicy { GlobalMaxActionsPerHour = 1 }, elsewhere: 1).Events.Single()
        );
    }

    [Fact]
    public void A_planned_restart_answers_what_failed_while_it_waited() =>
        Restarting
            .When(Exited(2, 3), at: 3)
            .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3))
            .When(Exited(3, 4), at: 4)
            .Expect(Seen(3, 4, 4, exited: true))
            .When(Act(2), at: 5)
            .Expect(Restart(2, 3, 5));

    [Fact]
    public void Health_before_a_planned_restart_makes_it_needless() =>
        Restarting
            .When(Exited(2, 3), at: 3)
            .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3))
            .When(Healthy(3, 4), at: 4)
            .Expect(Sound(3, 4, 4), Verified(1, "works again after a restart: its health check passes", 4))
            .When(Act(2), at: 5)
            .ExpectNothing();

    [Fact]
    public void Unhealthy_and_then_ended_in_one_incarnation_is_one_failure() =>
        Restarting.When(Exited(1, 2), at: 2).ExpectNothing();

    [Fact]
    public void A_failure_heard_of_after_a_newer_incarnation_was_healthy_is_history() =>
        Nothing.When(Healthy(2, 5), at: 5).Expect(Sound(2, 5, 5)).When(Exited(1, 3), at: 6).ExpectNothing();

    // engine:  healthy 4.0 ── exited 4.1        as stamped:  exited 4.1, healthy 4.2 (looked at a moment later)
    [Fact]
    public void An_end_counts_even_when_it_is_stamped_before_the_health_it_ended() =>
        Restarting
            .When(Healthy(2, 4.2), at: 4.2)
            .Expect(Sound(2, 4.2, 4.2), Verified(1, "works again after a restart: its health check passes", 4.2))
            .When(Exited(2, 4.1), at: 4.3)
            .Expect(Seen(2, 4.1, 4.3, exited: true), Restart(2, 2, 4.3));

    [Fact]
    public void Health_heard_of_after_the_end_of_its_incarnation_is_history() =>
        Nothing
            .When(Exited(1, 4.1), at: 4.1)
            .Expect(Seen(1, 4.1, 4.1, exited: true), Restart(1, 1, 4.1))
            .When(Healthy(1, 4.2), at: 4.3)
            .ExpectNothing();

    [Fact]
    public void Health_from_before_the_failure_proves_nothing() =>
        Restarting.When(Healthy(1, -5), at: 2).ExpectNothing();

    [Fact]
    public void A_container_that_is_removed_is_not_waited_for() =>
        Restarting.When(Removed(1), at: 5).Expect(Gone(1, 5)).When(Verify(1), at: 61).ExpectNothing();

    [Fact]
    public void A_planned_restart_of_a_container_that_is_removed_is_called_off() =>
        Restarting
            .When(Exited(2, 3), at: 3)
            .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3))
            .When(Removed(2), at: 4)
            .Expect(Gone(2, 4))
            .When(Act(2), at: 5)
            .ExpectNothing();

    [Fact]
    public void Removed_after_giving_up_it_is_told_that_an_incident_may_be_open() =>
        GivenUp.When(Removed(4), at: 100).Expect(Gone(4, 100, escalated: true));

    [Fact]
    public void Its_end_heard_of_after_its_removal_is_history() =>
        Nothing.When(Removed(1), at: 5).Expect(Gone(1, 5)).When(Exited(1, 4), at: 6).ExpectNothing();

    [Fact]
    public void A_removal_heard_of_after_a_newer_incarnation_failed_is_history() =>
        Nothing
            .When(Unhealthy(2, 0), at: 1)
            .Expect(Seen(2, 0, 1), Restart(1, 2, 1))
            .When(Removed(1), at: 2)
            .ExpectNothing();

    [Fact]
    public void Made_anew_under_the_same_name_it_is_healed_again() =>
        Restarting
            .When(Removed(1), at: 5)
            .Expect(Gone(1, 5))
            .When(Healthy(2, 10), at: 10)
            .Expect(Sound(2, 10, 10))
            .When(Exited(2, 20), at: 20)
            .Expect(Seen(2, 20, 20, exited: true), Restart(2, 2, 20))
            .When(Removed(2), at: 25)
            .Expect(Gone(2, 25));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    [InlineData(6, 60)]
    [InlineData(1000, 60)]
    public void The_wait_doubles_up_to_a_minute(int tries, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Usual.WaitAfter(tries));

    // Starting is not failing.

    // 0 restart ── 60 ── 120 start period ends ── 126 two failed checks of 3 s each ── 186
    [Fact]
    public void A_container_with_a_health_check_is_not_judged_before_that_check_may_have_decided() =>
        Nothing
            .When(
                (x, decision) =>
                    ContainerDecider.Decide(
                        x,
                        new SeeContainerFail(
                            "e1",
                            "web",
                            1,
                            "unhealthy",
                            null,
                            At(0),
                            HealthCheckTime: TimeSpan.FromSeconds(126)
                        ),
                        decision
                    ),
                at: 1
            )
            .Expect(
                Seen(1, 0, 1) with
                {
                    HealthCheckTime = TimeSpan.FromSeconds(126),
                },
                Restart(1, 1, 1) with
                {
                    VerifyWithin = TimeSpan.FromSeconds(186),
                }
            );

    // A stop that was asked for.

    [Fact]
    public void A_container_that_was_stopped_on_request_is_left_alone() =>
        Nothing.When(Healthy(1, 0), at: 0).Expect(Sound(1, 0, 0)).When(Stopped(1), at: 5).Expect(Halted(1, 5));

    [Fact]
    public void A_planned_restart_of_a_container_that_is_stopped_is_called_off() =>
        Restarting
            .When(Exited(2, 3), at: 3)
            .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3))
            .When(Stopped(3), at: 4)
            .Expect(Halted(3, 4))
            .When(Act(2), at: 5)
            .ExpectNothing();

    [Fact]
    public void A_restart_of_a_container_that_is_stopped_meanwhile_is_not_waited_for() =>
        Restarting.When(Stopped(2), at: 5).Expect(Halted(2, 5)).When(Verify(1), at: 61).ExpectNothing();

    [Fact]
    public void Stopped_after_giving_up_it_is_published_that_an_incident_may_be_open() =>
        GivenUp.When(Stopped(5), at: 100).Expect(Halted(5, 100, escalated: true));

    [Fact]
    public void A_stop_heard_of_after_a_newer_incarnation_failed_is_history() =>
        Nothing
            .When(Unhealthy(2, 0), at: 1)
            .Expect(Seen(2, 0, 1), Restart(1, 2, 1))
            .When(Stopped(1), at: 2)
            .ExpectNothing();

    [Fact]
    public void Started_again_after_a_stop_it_is_healed_again() =>
        Nothing
            .When(Stopped(1), at: 5)
            .Expect(Halted(1, 5))
            .When(Exited(2, 20), at: 20)
            .Expect(Seen(2, 20, 20, exited: true), Restart(1, 2, 20));

    // Flapping: three falls within half an hour, then ten minutes of health.

    // well 0 ── 12 ── well 14 ── 26 ── well 28 ── 40: the third
    static Given<Case> Flapping =>
        Nothing
            .When(Healthy(1, 0), at: 0)
            .Expect(Sound(1, 0, 0))
            .When(Unhealthy(1, 12), at: 12)
            .Expect(Seen(1, 12, 12), Restart(1, 1, 12))
            .When(Healthy(2, 14), at: 14)
            .Expect(Sound(2, 14, 14), Verified(1, "works again after a restart: its health check passes", 14))
            .When(Unhealthy(2, 26), at: 26)
            .Expect(Seen(2, 26, 26), Restart(2, 2, 26))
            .When(Healthy(3, 28), at: 28)
            .Expect(Sound(3, 28, 28), Verified(1, "works again after a restart: its health check passes", 28))
            .When(Unhealthy(3, 40), at: 40)
            .Expect(
                Seen(3, 40, 40),
                new FlappingStarted(Target, "web", 3, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10), At(40)),
                Call(3, 40, "it is flapping: restarts help for a while only"),
                Restart(3, 3, 40)
            );

    static HealingFailed Call(int incarnation, double at, string why) =>
        new(
            Target,
            "web",
            Seen(incarnation, at, at).CauseId,
            "Container web is unhealthy",
            why,
            At(at),
            Turn: incarnation
        );

    [Fact]
    public void The_third_fall_within_half_an_hour_calls_a_person_and_is_restarted_still() =>
        Assert.True(Flapping.State is { Flapping.Active: true } x && x["web"].Escalated);

    [Fact]
    public void A_flapping_container_is_believed_only_when_it_has_stayed_well() =>
        Flapping
            .When(Healthy(4, 42), at: 42)
            .Expect(Sound(4, 42, 42, wait: 600))
            .When(Verify(3), at: 101)
            .ExpectNothing()
            .When(Stable(4), at: 642)
            .Expect(Verified(1, "works again after a restart: it has stayed well for 00:10:00", 642, escalated: true));

    [Fact]
    public void However_often_it_flaps_on_nothing_is_taken_back_and_the_call_says_so()
    {
        var given = Flapping;
        for (var at = 52; at < 400; at += 24)
            given = given
                .When(Healthy(4, at), at: at)
                .Expect(Sound(4, at, at, wait: 600))
                .When(Unhealthy(4, at + 12), at: at + 12)
                .Expect(
                    Seen(4, at + 12, at + 12),
                    Call(
                        4,
                        at + 12,
                        "it is flapping: it is unhealthy, and the budget of 3 actions per hour on this target is used up"
                    )
                )
                .When(Stable(4), at: at + 12)
                .ExpectNothing();
        Assert.DoesNotContain(given.Past.OfType<HealingVerified>(), x => x.Escalated);
    }

    [Fact]
    public void Falls_that_lie_further_apart_do_not_flap()
    {
        var policy = new HealingPolicy { MaxActionsPerTargetPerHour = 60 };
        var given = Nothing.And(Nothing.When(Healthy(1, 0), at: 0).Events);
        for (var n = 1; n < 10; n++)
        {
            given = given.And(given.When(Exited(n, n * 1000), at: n * 1000, policy).Events);
            given = given.And(given.When(Healthy(n + 1, n * 1000 + 2), at: n * 1000 + 2, policy).Events);
        }
        Assert.Empty(given.Past.OfType<FlappingStarted>());
        Assert.Equal(9, given.Past.OfType<HealingVerified>().Count());
    }

    // A container without a health check runs for a moment each time: it never comes up, which is no fall.
    [Fact]
    public void A_container_that_never_stays_up_does_not_flap() =>
        Assert.Empty(
            Restarting
                .When(Healthy(2, 2, check: false), at: 2)
                .Expect(Sound(2, 2, 2, wait: 5))
                .When(Exited(2, 3), at: 3)
                .Expect(Seen(2, 3, 3, exited: true), Planned(2, 2, wait: 2, at: 3))
                .State.Flapping.Falls
        );

    [Fact]
    public void A_stop_on_request_ends_flapping() =>
        Assert.False(Flapping.When(Stopped(3), at: 50).Expect(Halted(3, 50, escalated: true)).State.Flapping.Active);

    static SubjectStopped Halted(int incarnation, double at, bool escalated = false) =>
        new(Target, "web", incarnation, "web was stopped on request", escalated, At(at));
}
