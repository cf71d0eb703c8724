using System.Collections.Immutable;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Watch;

namespace Nightshift.Executor.Tests.Watch;

public sealed class WatchDeciderTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset T1 = T0.AddMinutes(1);

    static ContainerFacts Facts(
        string state,
        string? health = null,
        DateTimeOffset? startedAt = null,
        string id = "c1",
        int exitCode = 0,
        string label = "true"
    ) =>
        new(
            id,
            "web",
            "nginx",
            ImmutableDictionary<string, string>.Empty.Add(HealLabel.Name, label),
            state,
            startedAt ?? T0,
            T0.AddSeconds(30),
            exitCode,
            OomKilled: false,
            "",
            health
        );

    static ContainerSnapshot See(ContainerFacts? facts, StopRequest? stop = null) =>
        new("web", "e1", facts, stop, T0.AddSeconds(40));

    static readonly StopRequest Asked = new("15", T0.AddSeconds(29));

    static WatchedContainer After(params ContainerSnapshot[] snapshots) =>
        snapshots.Aggregate(WatchedContainer.Unknown, (known, seen) => Fold(known, WatchDecider.Decide(known, seen)));

    static WatchedContainer Fold(WatchedContainer known, IEnumerable<WatchEvent> events) =>
        events.Aggregate(known, (state, e) => state.Evolve(e));

    static string[] Types(IEnumerable<WatchEvent> events) => [.. events.Select(x => x.GetType().Name)];

    static string[] Decided(WatchedContainer known, ContainerFacts? facts) =>
        Types(WatchDecider.Decide(known, See(facts)));

    [Fact]
    public void A_running_container_without_a_health_check_is_healthy_from_the_start() =>
        Assert.Equal(
            ["ContainerFound", "ContainerStarted", "ContainerBecameHealthy"],
            Decided(WatchedContainer.Unknown, Facts("running"))
        );

    [Fact]
    public void One_with_a_health_check_is_healthy_when_it_passes()
    {
        Assert.Equal(
            ["ContainerFound", "ContainerStarted"],
            Decided(WatchedContainer.Unknown, Facts("running", "starting"))
        );
        Assert.Equal(
            ["ContainerBecameHealthy"],
            Decided(After(See(Facts("running", "starting"))), Facts("running", "healthy"))
        );
    }

    [Fact]
    public void One_that_was_never_started_has_not_failed() =>
        Assert.Equal(["ContainerFound"], Decided(WatchedContainer.Unknown, Facts("created") with { StartedAt = null }));

    [Fact]
    public void One_found_dead_has_failed() =>
        Assert.Equal(
            ["ContainerFound", "ContainerStarted", "ContainerExited"],
            Decided(WatchedContainer.Unknown, Facts("exited", exitCode: 1))
        );

    [Fact]
    public void Failing_the_health_check_is_told_once()
    {
        var healthy = After(See(Facts("running", "healthy")));
        Assert.Equal(
            [new ContainerTurnedUnhealthy("web", "e1", 1, T0.AddSeconds(40))],
            WatchDecider.Decide(healthy, See(Facts("running", "unhealthy")))
        );
        Assert.Empty(
            Decided(
                After(See(Facts("running", "healthy")), See(Facts("running", "unhealthy"))),
                Facts("running", "unhealthy")
            )
        );
    }

    [Fact]
    public void It_may_recover_by_itself_and_fail_again()
    {
        var unhealthy = After(See(Facts("running", "unhealthy")));
        Assert.Equal(["ContainerBecameHealthy"], Decided(unhealthy, Facts("running", "healthy")));
        Assert.Equal(
            ["ContainerTurnedUnhealthy"],
            Decided(
                After(See(Facts("running", "unhealthy")), See(Facts("running", "healthy"))),
                Facts("running", "unhealthy")
            )
        );
    }

    [Fact]
    public void An_end_carries_the_engines_time_and_exit_code()
    {
        var running = After(See(Facts("running")));
        Assert.Equal(
            [new ContainerExited("web", "e1", 1, 3, OomKilled: false, T0.AddSeconds(30))],
            WatchDecider.Decide(running, See(Facts("exited", exitCode: 3)))
        );
        Assert.Empty(Decided(After(See(Facts("running")), See(Facts("exited"))), Facts("exited")));
    }

    [Fact]
    public void A_start_that_was_missed_in_between_is_a_new_incarnation()
    {
        var running = After(See(Facts("running")));
        Assert.Equal(2, Fold(running, WatchDecider.Decide(running, See(Facts("running", startedAt: T1)))).Incarnation);
    }

    [Fact]
    public void A_container_made_anew_under_the_same_name_is_a_new_incarnation()
    {
        var gone = After(See(Facts("running")), See(facts: null));
        Assert.Equal(Condition.Absent, gone.Condition);
        Assert.Equal(
            2,
            Fold(gone, WatchDecider.Decide(gone, See(Facts("running", startedAt: T1, id: "c2")))).Incarnation
        );
    }

    [Fact]
    public void A_snapshot_that_was_overtaken_decides_nothing() =>
        Assert.Empty(Decided(After(See(Facts("running", startedAt: T1))), Facts("exited", startedAt: T0)));

    [Fact]
    public void What_the_engine_restarts_or_somebody_paused_has_not_ended()
    {
        Assert.Empty(Decided(After(See(Facts("running"))), Facts("restarting")));
        Assert.Empty(Decided(After(See(Facts("running"))), Facts("paused")));
    }

    [Fact]
    public void A_restart_is_asked_for_once_and_only_of_the_latest_incarnation()
    {
        var failed = After(See(Facts("running")), See(Facts("exited")));
        var ask = new AskRestart("web", "e1", "case", Incarnation: 1, T1);
        var asked = Fold(failed, WatchDecider.Decide(failed, ask));
        Assert.Equal(["RestartRequested"], Types(WatchDecider.Decide(failed, ask)));
        Assert.Empty(WatchDecider.Decide(asked, ask));
        Assert.True(WatchDecider.IsDue(asked, ask)); // a crash may have come between asking and doing
        Assert.Empty(WatchDecider.Decide(failed, ask with { Incarnation = 0 }));
        Assert.False(WatchDecider.IsDue(After(See(facts: null)), ask));
    }

    [Fact]
    public void The_end_our_own_restart_causes_is_no_failure()
    {
        var unhealthy = After(See(Facts("running", "unhealthy")));
        var asked = Fold(unhealthy, WatchDecider.Decide(unhealthy, new AskRestart("web", "e1", "case", 1, T1)));
        Assert.Empty(Decided(asked, Facts("exited")));
        var failed = Fold(
            asked,
            WatchDecider.Decide(asked, new ReportRestart("web", "e1", "case", 1, "port taken", T1))
        );
        Assert.Equal(["ContainerExited"], Decided(failed, Facts("exited"))); // but one it leaves behind is
    }

    [Fact]
    public void A_failed_restart_may_be_asked_for_again_by_the_same_case()
    {
        var failed = After(See(Facts("running")), See(Facts("exited")));
        var ask = new AskRestart("web", "e1", "case", 1, T1);
        var asked = Fold(failed, WatchDecider.Decide(failed, ask));
        var refused = Fold(
            asked,
            WatchDecider.Decide(asked, new ReportRestart("web", "e1", "case", 1, "port taken", T1))
        );
        Assert.Single(WatchDecider.Decide(refused, ask));
        Assert.Empty(WatchDecider.Decide(refused, new ReportRestart("web", "e1", "case", 1, Failure: null, T1)));
    }

    [Fact]
    public void An_end_that_was_asked_for_is_a_stop_and_no_failure()
    {
        var running = After(See(Facts("running")));
        var stopped = WatchDecider.Decide(running, See(Facts("exited", exitCode: 143), Asked));
        Assert.Equal([new ContainerStopped("web", "e1", 1, 143, "15", T0.AddSeconds(29), T0.AddSeconds(30))], stopped);
        Assert.Empty(Decided(Fold(running, stopped), Facts("exited", exitCode: 143))); // also without the events
    }

    [Fact]
    public void One_that_is_to_run_always_has_failed_when_it_is_stopped() =>
        Assert.Equal(
            ["ContainerExited"],
            Types(
                WatchDecider.Decide(
                    After(See(Facts("running", label: "always"))),
                    See(Facts("exited", label: "always"), Asked)
                )
            )
        );

    [Fact]
    public void A_stopped_container_that_is_started_again_is_a_new_incarnation()
    {
        var stopped = After(See(Facts("running")), See(Facts("exited"), Asked));
        Assert.Equal(Condition.Stopped, stopped.Condition);
        Assert.Equal(["ContainerStarted", "ContainerBecameHealthy"], Decided(stopped, Facts("running", startedAt: T1)));
        Assert.Equal(["ContainerRemoved"], Decided(stopped, facts: null));
    }

    [Fact]
    public void A_stopped_container_is_not_restarted_whatever_was_asked_before()
    {
        var stopped = After(See(Facts("running", "unhealthy")), See(Facts("exited", "unhealthy"), Asked));
        var ask = new AskRestart("web", "e1", "case", Incarnation: 1, T1);
        Assert.Empty(WatchDecider.Decide(stopped, ask));
        Assert.False(WatchDecider.IsDue(stopped, ask));
    }

    [Fact]
    public void What_a_restart_of_ours_that_failed_half_way_leaves_dead_has_failed()
    {
        var unhealthy = After(See(Facts("running", "unhealthy")));
        var asked = Fold(unhealthy, WatchDecider.Decide(unhealthy, new AskRestart("web", "e1", "case", 1, T0)));
        var failed = Fold(
            asked,
            WatchDecider.Decide(asked, new ReportRestart("web", "e1", "case", 1, "port taken", T1))
        );
        // the signal was ours
        Assert.Equal(["ContainerExited"], Types(WatchDecider.Decide(failed, See(Facts("exited"), Asked))));
    }

    [Fact]
    public void A_removal_ends_the_restart_under_way()
    {
        var unhealthy = After(See(Facts("running", "unhealthy")));
        var asked = Fold(unhealthy, WatchDecider.Decide(unhealthy, new AskRestart("web", "e1", "case", 1, T1)));
        var removed = Fold(asked, WatchDecider.Decide(asked, See(facts: null)));
        Assert.Equal((Condition.Absent, null), (removed.Condition, removed.Restart));
        Assert.Empty(WatchDecider.Decide(removed, new ReportRestart("web", "e1", "case", 1, "no such container", T1)));
    }

    [Fact]
    public void A_failure_says_how_long_its_health_check_may_take()
    {
        var (time, running) = (TimeSpan.FromSeconds(126), After(See(Facts("running", "healthy"))));
        var unhealthy = Facts("running", "unhealthy") with { HealthCheckTime = time };
        var exited = Facts("exited", "unhealthy") with { HealthCheckTime = time };
        Assert.Equal(
            time,
            Assert.IsType<ContainerTurnedUnhealthy>(WatchDecider.Decide(running, See(unhealthy))[0]).HealthCheckTime
        );
        Assert.Equal(
            time,
            Assert.IsType<ContainerExited>(WatchDecider.Decide(running, See(exited))[0]).HealthCheckTime
        );
    }
}
