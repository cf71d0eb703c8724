using Nightshift.Healer.Cases;
using Nightshift.Healer.Dags;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tests.Cases;
using Nightshift.Testing;
using static Nightshift.Healer.Tests.Cases.CaseTables;

namespace Nightshift.Healer.Tests.Dags;

public sealed class DagDeciderTests
{
    const string Target = "dag.etl";
    const string NoRemedy = "there is no remedy for a task that ended with 'exit'";

    static TaskFailure GivenUp(string task, int attempt = 1) =>
        new(
            task,
            attempt,
            "exit",
            "exit code 1",
            128,
            new Episode
            {
                Turn = attempt,
                State = EpisodeState.GivenUp,
                Why = NoRemedy,
            }
        );

    static TaskFailure Raised(string task, int attempt = 1) =>
        new(task, attempt, "oom", "", 128, new Episode { Turn = attempt, State = EpisodeState.Acting });

    // Runs are queued in the order of their numbers.
    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Fail(
        int run,
        double at,
        int end = 1,
        params TaskFailure[] tasks
    ) =>
        (x, decision) =>
            DagDecider.Decide(
                x,
                new SeeRunFail("etl", $"r{run}", end, At(run), At(run), tasks, tasks.Length, At(at)),
                decision
            );

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Succeed(
        int run,
        double at,
        double? logicalDate = null
    ) =>
        (x, decision) =>
            DagDecider.Decide(
                x,
                new SeeRunSucceed("etl", $"r{run}", At(logicalDate ?? run), At(run), At(at)),
                decision
            );

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> GiveUp(int run, string task, int attempt = 1) =>
        (x, decision) =>
            DagDecider.Decide(x, new SeeTaskGivenUp("etl", $"r{run}", task, attempt, "nothing was heard"), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Check(int run) =>
        (x, decision) => DagDecider.Decide(x, new CheckDagStable("etl", $"r{run}"), decision);

    static RunFailureSeen Seen(
        int run,
        double at,
        string tasks = "load (exit code 1)",
        int end = 1,
        string[]? names = null,
        Dictionary<string, int>? healing = null
    ) =>
        new(
            Target,
            $"r{run}",
            end,
            $"r{run}@{end}",
            At(run),
            At(run),
            names ?? ["load"],
            healing ?? [],
            $"etl failed in run r{run}: {tasks}",
            At(at),
            At(at)
        );

    static HealingFailed Called(
        int run,
        double at,
        string why = $"load: {NoRemedy}",
        string tasks = "load (exit code 1)",
        int end = 1,
        string[]? names = null
    ) =>
        new(
            Target,
            $"r{run}",
            $"r{run}@{end}",
            $"etl failed in run r{run}: {tasks}",
            why,
            At(at),
            Turn: end,
            names ?? ["load"]
        );

    static HealingVerified Works(int run, double at, bool escalated = true) =>
        new(Target, $"r{run}", 0, $"etl works again: run r{run} succeeded", escalated, At(at));

    static Given<Case> Failed(int run, double at, Given<Case>? before = null) =>
        (before ?? Nothing).When(Fail(run, at, tasks: GivenUp("load")), at: at).Expect(Seen(run, at), Called(run, at));

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> TakenOver(double at, params string[]? tasks) =>
        (x, decision) =>
            DagDecider.Decide(x, new SeeTasksTakenOver("etl", "r1", tasks, "cleared by anna", At(at)), decision);

    static HealingWithdrawn Withdrawn(double at, bool isLast, params string[] tasks) =>
        new(Target, "r1", tasks, isLast, $"{string.Join(", ", tasks)} of r1: cleared by anna", At(at));

    static Given<Case> WaitsForTwo =>
        Nothing
            .When(Fail(1, 10, tasks: [Raised("load"), Raised("extract")]), at: 10)
            .Expect(
                Seen(
                    1,
                    10,
                    "load (killed for memory at 128 MiB), extract (killed for memory at 128 MiB)",
                    names: ["load", "extract"],
                    healing: new() { ["load"] = 1, ["extract"] = 1 }
                )
            );

    [Fact]
    public void Nobody_is_called_for_tasks_that_a_person_took_over()
    {
        var one = WaitsForTwo.When(TakenOver(11, "load"), at: 12).Expect(Withdrawn(12, false, "load"));
        one.When(GiveUp(1, "load"), at: 13).ExpectNothing();
        one.When(TakenOver(13, "extract"), at: 14).Expect(Withdrawn(14, true, "extract"));
        Assert.IsType<HealingFailed>(one.When(GiveUp(1, "extract"), at: 15).Events[^1]); // of that somebody is
    }

    [Fact]
    public void Nobody_is_called_for_a_run_that_a_person_ended()
    {
        var ended = WaitsForTwo.When(TakenOver(11, null), at: 12).Events;
        Assert.True(Assert.IsType<HealingWithdrawn>(Assert.Single(ended)).IsLast);
        WaitsForTwo.And(ended).When(GiveUp(1, "load"), at: 13).ExpectNothing();
        WaitsForTwo.And(ended).When(GiveUp(1, "extract"), at: 13).ExpectNothing();
    }

    [Fact]
    public void A_run_that_failed_after_it_was_taken_over_waits_as_ever() =>
        WaitsForTwo.When(TakenOver(9, null), at: 12).ExpectNothing();

    [Fact]
    public void A_run_that_failed_calls_a_person_once() => Failed(1, 10);

    [Fact]
    public void Nine_tasks_that_failed_in_one_run_are_one_call_that_names_them()
    {
        var tasks = Enumerable.Range(1, 9).Select(i => GivenUp($"t{i}")).ToArray();
        var events = Nothing.When(Fail(1, 10, tasks: tasks), at: 10).Events;
        var call = Assert.Single(events.OfType<HealingFailed>());
        Assert.Equal(
            "etl failed in run r1: t1 (exit code 1), t2 (exit code 1), t3 (exit code 1), t4 (exit code 1), t5 (exit code 1) and 4 more",
            call.Summary
        );
        Assert.Equal(tasks.Select(x => x.TaskId), call.Tasks);
    }

    [Fact]
    public void While_healing_works_on_one_of_its_tasks_nobody_is_called() =>
        Nothing.When(Fail(1, 10, tasks: [GivenUp("load"), Raised("eat")]), at: 10).Expect(Waiting(10));

    static RunFailureSeen Waiting(double at) =>
        Seen(
            1,
            at,
            "load (exit code 1), eat (killed for memory at 128 MiB)",
            names: ["load", "eat"],
            healing: new() { ["eat"] = 1 }
        );

    static Given<Case> Patient => Nothing.And(Waiting(10));

    [Fact]
    public void Healing_that_gives_up_without_a_further_end_of_the_run_calls_a_person() =>
        Patient
            .When(GiveUp(1, "eat"), at: 90)
            .Expect(
                new TaskHealingFailed(Target, "r1", "eat", 1, At(90)),
                Called(
                    1,
                    90,
                    "eat: nothing was heard",
                    "load (exit code 1), eat (killed for memory at 128 MiB)",
                    names: ["load", "eat"]
                )
            );

    [Fact]
    public void The_last_of_several_tasks_that_healing_gives_up_calls()
    {
        var both = Nothing.And(Nothing.When(Fail(1, 10, tasks: [Raised("eat"), Raised("drink")]), at: 10).Events);
        var one = both.And(both.When(GiveUp(1, "eat"), at: 20).Events);
        Assert.Empty(one.Past.OfType<HealingFailed>());
        Assert.Single(one.When(GiveUp(1, "drink"), at: 30).Events.OfType<HealingFailed>());
    }

    // attempt   1 oom ── run failed (end 1) ── 2 oom at the largest limit ── run failed (end 2)
    [Fact]
    public void A_task_given_up_after_the_run_was_reopened_is_left_to_the_next_end()
    {
        Patient.When(GiveUp(1, "eat", attempt: 2), at: 90).ExpectNothing();
        Patient
            .When(Fail(1, 91, end: 2, tasks: [GivenUp("load"), GivenUp("eat", attempt: 2)]), at: 91)
            .Expect(
                Seen(1, 91, "load (exit code 1), eat (exit code 1)", end: 2, names: ["load", "eat"]),
                Called(1, 91, tasks: "load (exit code 1), eat (exit code 1)", end: 2, names: ["load", "eat"])
            );
    }

    [Fact]
    public void A_run_that_succeeds_after_healing_calls_nobody_and_announces_nothing() =>
        Patient
            .When(Succeed(1, 50), at: 50)
            .Expect(Works(1, 50, escalated: false))
            .When(GiveUp(1, "eat"), at: 90)
            .ExpectNothing();

    // what arrives:  attempt 2 succeeded, then the failure of the run after attempt 1
    [Fact]
    public void An_end_that_was_overtaken_by_a_further_attempt_is_history() =>
        Nothing
            .When(
                Fail(
                    1,
                    10,
                    tasks: GivenUp("load") with
                    {
                        Healing = new Episode { Turn = 2, Healthy = true },
                    }
                ),
                at: 60
            )
            .ExpectNothing();

    [Fact]
    public void A_run_of_which_no_failed_task_is_known_calls_too() =>
        Assert.Equal(
            "healing has no remedy for it",
            Assert.Single(Nothing.When(Fail(1, 10), at: 10).Events.OfType<HealingFailed>()).Why
        );

    // run   r1 failed 10 ──► r2 succeeded 20
    [Fact]
    public void A_later_run_that_succeeds_settles_all() =>
        Failed(2, 12, Failed(1, 10))
            .When(Succeed(3, 20), at: 20)
            .Expect(Works(3, 20))
            .When(Succeed(4, 30), at: 30)
            .ExpectNothing();

    // run   r1 ├──────────────────────┤ succeeded 30
    //          r2 ├──┤ failed 12
    [Fact]
    public void An_older_run_that_succeeds_later_does_not_settle_a_newer_one() =>
        Failed(2, 12).When(Succeed(1, 30), at: 30).ExpectNothing().When(Succeed(3, 40), at: 40).Expect(Works(3, 40));

    [Fact]
    public void A_run_of_the_past_that_was_queued_later_does_not_settle_the_present() =>
        Failed(2, 12).When(Succeed(3, 30, logicalDate: -9000), at: 30).ExpectNothing();

    [Fact]
    public void A_success_from_before_the_failure_settles_nothing() =>
        Failed(1, 10).When(Succeed(2, 5), at: 21).ExpectNothing();

    [Fact]
    public void The_same_run_that_succeeds_after_all_settles_it() =>
        Failed(1, 10).When(Succeed(1, 30), at: 30).Expect(Works(1, 30));

    [Fact]
    public void A_success_of_a_DAG_that_never_failed_is_nothing() =>
        Nothing.When(Succeed(1, 30), at: 30).ExpectNothing();

    // r1 failed, r2 succeeded, r3 failed, r4 succeeded, r5 failed: the third fall
    static Given<Case> Flapping =>
        Failed(3, 30, Failed(1, 10).When(Succeed(2, 20), at: 20).Expect(Works(2, 20)))
            .When(Succeed(4, 40), at: 40)
            .Expect(Works(4, 40))
            .When(Fail(5, 50, tasks: GivenUp("load")), at: 50)
            .Expect(
                Seen(5, 50),
                new FlappingStarted(Target, "r5", 3, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10), At(50)),
                Called(5, 50, $"it is flapping: load: {NoRemedy}")
            );

    static HealthSeen Proving(int run, double at) =>
        new(Target, $"r{run}", 0, At(at), TimeSpan.FromMinutes(10), At(at));

    [Fact]
    public void A_DAG_that_fails_and_succeeds_in_turn_must_stay_well_for_a_time() =>
        Flapping
            .When(Succeed(6, 60), at: 60)
            .Expect(Proving(6, 60))
            .When(Succeed(7, 70), at: 70)
            .ExpectNothing()
            .When(Check(6), at: 660)
            .Expect(
                new HealingVerified(
                    Target,
                    "r6",
                    0,
                    "etl works again: no run has failed for 00:10:00",
                    Escalated: true,
                    At(660)
                )
            );

    [Fact]
    public void One_that_fails_again_meanwhile_stays_open() =>
        Flapping
            .When(Succeed(6, 60), at: 60)
            .Expect(Proving(6, 60))
            .When(Fail(7, 70, tasks: GivenUp("load")), at: 70)
            .Expect(Seen(7, 70), Called(7, 70, $"it is flapping: load: {NoRemedy}"))
            .When(Check(6), at: 660)
            .ExpectNothing()
            .When(Succeed(8, 80), at: 80)
            .Expect(Proving(8, 80));
}
