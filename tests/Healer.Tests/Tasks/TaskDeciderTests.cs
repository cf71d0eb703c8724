using Nightshift.Healer.Cases;
using Nightshift.Healer.Policy;
using Nightshift.Healer.Tasks;
using Nightshift.Healer.Tests.Cases;
using Nightshift.Plumbing.Timers;
using Nightshift.Testing;
using static Nightshift.Healer.Tests.Cases.CaseTables;

namespace Nightshift.Healer.Tests.Tasks;

public sealed class TaskDeciderTests
{
    const string Target = "task.hello.load";
    const string Run = "manual__hello__1";

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Fail(
        int attempt,
        string reason = "oom",
        int memory = 128,
        bool final = false,
        double at = 0,
        string run = Run
    ) =>
        (x, decision) =>
            TaskDecider.Decide(
                x,
                new SeeTaskFail("hello", run, "load", attempt, reason, "", memory, final, At(at)),
                decision
            );

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Recover(
        int attempt,
        int memory = 256,
        double at = 10
    ) =>
        (x, decision) =>
            TaskDecider.Decide(x, new SeeTaskRecover("hello", Run, "load", attempt, memory, At(at)), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> RunSucceeds(string run, double at) =>
        (x, decision) => TaskDecider.Decide(x, new SettleTask(Target, run, At(at)), decision);

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> Check(int action) =>
        (x, decision) => TaskDecider.Decide(x, new CheckRaised(Target, action), decision);

    static AnomalySeen Killed(int attempt, int memory, double failed, double at, string run = Run) =>
        new(
            Target,
            run,
            attempt,
            $"{run}~load~{attempt}",
            "oom",
            $"hello.load failed at attempt {attempt} of {run}: killed for memory at {memory} MiB",
            null,
            At(failed),
            At(at)
        );

    static MemoryRaiseStarted Raised(int action, int attempt, int from, int to, double at, string run = Run) =>
        new(Target, run, action, "load", attempt, from, to, TimeSpan.FromDays(1), At(at));

    static Given<Case> KilledOnce =>
        Nothing.When(Fail(1), at: 1).Expect(Killed(1, 128, 0, 1), Raised(1, 1, 128, 256, 1));

    static Func<Case, DecisionContext, IReadOnlyList<CaseEvent>> TakenOver(double at) =>
        (x, decision) => TaskDecider.Decide(x, new SeeTaskTakenOver(Target, Run, "cleared by anna", At(at)), decision);

    static HealingWithdrawn Withdrawn(double at) =>
        new(Target, Run, null, IsLast: true, $"hello.load was cleared by anna in {Run}", At(at));

    [Fact]
    public void A_task_that_a_person_took_over_is_left_alone_and_its_raise_is_not_waited_for()
    {
        var taken = KilledOnce.When(TakenOver(2), at: 3).Expect(Withdrawn(3));
        taken.When(Check(1), at: 90_000).ExpectNothing();
        taken.When(Fail(2, at: 5), at: 5).Expect(Killed(2, 128, 5, 5), Raised(2, 2, 128, 256, 5)); // a new failure
    }

    [Fact]
    public void What_a_person_did_before_a_failure_says_nothing_about_it() =>
        KilledOnce.When(TakenOver(-1), at: 3).ExpectNothing();

    [Fact]
    public void A_task_that_nothing_is_done_about_is_not_taken_over() =>
        Nothing.When(TakenOver(2), at: 3).ExpectNothing();

    [Fact]
    public void A_task_killed_for_memory_is_tried_again_with_twice_as_much() =>
        Assert.Equal(EpisodeState.Acting, KilledOnce.State[Run].State);

    [Fact]
    public void Killed_again_it_gets_more_again() =>
        KilledOnce.When(Fail(2, memory: 256, at: 5), at: 6).Expect(Killed(2, 256, 5, 6), Raised(2, 2, 256, 512, 6));

    [Fact]
    public void Killed_at_its_last_attempt_it_gets_a_further_one() =>
        Nothing.When(Fail(1, final: true), at: 1).Expect(Killed(1, 128, 0, 1), Raised(1, 1, 128, 256, 1));

    [Fact]
    public void The_new_limit_stops_at_the_largest_allowed() =>
        Nothing.When(Fail(1, memory: 3000), at: 1).Expect(Killed(1, 3000, 0, 1), Raised(1, 1, 3000, 4096, 1));

    [Fact]
    public void At_the_largest_limit_a_person_is_asked() =>
        Nothing
            .When(Fail(1, memory: 4096), at: 1)
            .Expect(
                Killed(1, 4096, 0, 1),
                new HealingFailed(
                    Target,
                    Run,
                    $"{Run}~load~1",
                    $"hello.load failed at attempt 1 of {Run}: killed for memory at 4096 MiB",
                    "the largest memory limit healing may give, 4096 MiB, is reached",
                    At(1),
                    Turn: 1
                )
            );

    [Fact]
    public void The_factor_is_the_policys() =>
        Nothing
            .When(Fail(1, memory: 101), at: 1, new HealingPolicy { MemoryFactor = 1.5 })
            .Expect(Killed(1, 101, 0, 1), Raised(1, 1, 101, 152, 1));

    [Fact]
    public void Beyond_the_budget_a_person_is_asked()
    {
        var three = Enumerable
            .Range(1, 3)
            .Aggregate(Nothing, (given, n) => given.And(given.When(Fail(1, run: $"r{n}"), at: n).Events));
        three
            .When(Fail(1, run: "r4"), at: 60)
            .Expect(
                Killed(1, 128, 0, 60, "r4"),
                new HealingFailed(
                    Target,
                    "r4",
                    "r4~load~1",
                    "hello.load failed at attempt 1 of r4: killed for memory at 128 MiB",
                    "the budget of 3 actions per hour on this target is used up",
                    At(60),
                    Turn: 1
                )
            );
        three
            .When(Fail(1, run: "r4"), at: 3601)
            .Expect(Killed(1, 128, 0, 3601, "r4"), Raised(4, 1, 128, 256, 3601, "r4")); // the first is an hour ago
    }

    [Fact]
    public void A_clock_set_back_does_not_open_the_budget()
    {
        var three = Enumerable
            .Range(1, 3)
            .Aggregate(Nothing, (given, n) => given.And(given.When(Fail(1, run: $"r{n}"), at: n).Events));
        Assert.IsType<HealingFailed>(three.When(Fail(1, run: "r4"), at: -3000).Events[^1]);
    }

    [Fact]
    public void A_budget_of_nothing_only_watches() =>
        Assert.IsType<HealingFailed>(
            Nothing.When(Fail(1), at: 1, new HealingPolicy { MaxActionsPerTargetPerHour = 0 }).Events[^1]
        );

    [Fact]
    public void A_global_budget_counts_what_was_done_elsewhere()
    {
        var policy = new HealingPolicy { GlobalMaxActionsPerHour = 5 };
        Assert.IsType<MemoryRaiseStarted>(Nothing.When(Fail(1), at: 1, policy, elsewhere: 4).Events[^1]);
        Assert.Equal(
            "the budget of 5 actions per hour on all targets together is used up",
            Assert.IsType<HealingFailed>(Nothing.When(Fail(1), at: 1, policy, elsewhere: 5).Events[^1]).Why
        );
    }

    [Fact]
    public void A_failure_the_scheduler_retries_by_itself_is_not_healings_business() =>
        Nothing.When(Fail(1, "exit"), at: 1).ExpectNothing();

    [Fact]
    public void There_is_no_remedy_for_another_failure_for_good() =>
        Nothing
            .When(Fail(3, "exit", final: true), at: 1)
            .Expect(
                new AnomalySeen(
                    Target,
                    Run,
                    3,
                    $"{Run}~load~3",
                    "exit",
                    $"hello.load failed at attempt 3 of {Run}: exit",
                    null,
                    At(0),
                    At(1)
                ),
                new HealingFailed(
                    Target,
                    Run,
                    $"{Run}~load~3",
                    $"hello.load failed at attempt 3 of {Run}: exit",
                    "there is no remedy for a task that ended with 'exit'",
                    At(1),
                    Turn: 3
                )
            );

    [Fact]
    public void Success_with_more_memory_proves_the_remedy() =>
        KilledOnce
            .When(Recover(2), at: 11)
            .Expect(
                new HealthSeen(Target, Run, 2, At(10), null, At(11)),
                new HealingVerified(
                    Target,
                    Run,
                    1,
                    "hello.load succeeded at attempt 2 with 256 MiB",
                    Escalated: false,
                    At(11)
                )
            );

    [Fact]
    public void Success_after_giving_up_says_that_an_incident_may_be_open()
    {
        var gaveUp = Nothing.And(Nothing.When(Fail(1, "exit", final: true), at: 1).Events);
        Assert.True(gaveUp.When(Recover(2), at: 11).Events[^1] is HealingVerified { Escalated: true, Tries: 0 });
    }

    [Fact]
    public void A_raise_nothing_was_heard_of_asks_a_person() =>
        KilledOnce
            .When(Check(1), at: 86_401)
            .Expect(
                new HealingFailed(
                    Target,
                    Run,
                    $"{Run}~load~1",
                    $"hello.load failed at attempt 1 of {Run}: killed for memory at 128 MiB",
                    "nothing was heard of its retry with more memory within 1.00:00:00",
                    At(86_401),
                    Turn: 1
                )
            );

    [Fact]
    public void One_that_comes_to_its_end_later_still_is_told_to_work() =>
        Assert.True(
            KilledOnce.And(KilledOnce.When(Check(1), at: 86_401).Events).When(Recover(2), at: 90_000).Events[^1]
                is HealingVerified { Escalated: true }
        );

    [Fact]
    public void A_raise_that_has_led_to_an_end_is_not_checked()
    {
        KilledOnce.And(KilledOnce.When(Recover(2), at: 11).Events).When(Check(1), at: 86_401).ExpectNothing();
        KilledOnce
            .When(Fail(2, memory: 256, at: 5), at: 6)
            .Expect(Killed(2, 256, 5, 6), Raised(2, 2, 256, 512, 6))
            .When(Check(1), at: 86_401)
            .ExpectNothing();
    }

    [Fact]
    public void Each_raise_arms_its_own_timer() =>
        Assert.Equal(
            [new TimerChange.In("raise:1", TimeSpan.FromDays(1))],
            CaseStream.Definition.Timers(KilledOnce.State, KilledOnce.Past[^1])
        );

    static AnomalySeen FailedForGood(string run, double at) =>
        new(
            Target,
            run,
            1,
            $"{run}~load~1",
            "exit",
            $"hello.load failed at attempt 1 of {run}: exit",
            null,
            At(at),
            At(at)
        );

    static HealingFailed NoRemedy(string run, double at) =>
        new(
            Target,
            run,
            $"{run}~load~1",
            $"hello.load failed at attempt 1 of {run}: exit",
            "there is no remedy for a task that ended with 'exit'",
            At(at),
            Turn: 1
        );

    static HealingVerified Settled(string run, string by, double at) =>
        new(Target, run, 0, $"hello.load works again: run {by} succeeded", Escalated: true, At(at));

    static Given<Case> GivenUp(string run, double at, Given<Case>? before = null) =>
        (before ?? Nothing)
            .When(Fail(1, "exit", final: true, at: at, run: run), at: at)
            .Expect(FailedForGood(run, at), NoRemedy(run, at));

    // run   r1 given up 10 ──► r2 succeeded 20
    [Fact]
    public void The_next_run_that_succeeds_settles_what_was_given_up() =>
        GivenUp("r1", 10)
            .When(RunSucceeds("r2", 20), at: 21)
            .Expect(Settled("r1", "r2", 21))
            .When(RunSucceeds("r3", 30), at: 31)
            .ExpectNothing();

    [Fact]
    public void However_many_runs_failed_one_success_settles_them_at_once()
    {
        var settled = GivenUp("r2", 12, GivenUp("r1", 10))
            .When(RunSucceeds("r3", 20), at: 21)
            .Expect(Settled("r2", "r3", 21));
        Assert.DoesNotContain(settled.State.Episodes.Values, x => x.Escalated);
    }

    // run   r1 given up 10 ──► r2 succeeded 20 ──► r3 given up 30 ──► r4 succeeded 40
    [Fact]
    public void A_failure_after_it_was_settled_asks_a_person_again() =>
        GivenUp("r3", 30, GivenUp("r1", 10).When(RunSucceeds("r2", 20), at: 21).Expect(Settled("r1", "r2", 21)))
            .When(RunSucceeds("r4", 40), at: 41)
            .Expect(Settled("r3", "r4", 41));

    // run   r2 succeeded 5 ──► r1 given up 10        what arrives:  the failure, then the success
    [Fact]
    public void A_success_from_before_the_failure_settles_nothing() =>
        GivenUp("r1", 10).When(RunSucceeds("r2", 5), at: 21).ExpectNothing();

    [Fact]
    public void A_run_that_succeeds_in_spite_of_the_task_settles_nothing() =>
        GivenUp("r1", 10).When(RunSucceeds("r1", 20), at: 21).ExpectNothing();

    [Fact]
    public void A_run_that_succeeds_where_nothing_was_given_up_settles_nothing() =>
        KilledOnce.When(RunSucceeds("r2", 20), at: 21).ExpectNothing();

    [Theory]
    [InlineData("task.etl.load", "etl", "load")]
    [InlineData("task.etl.group.load", "etl", "group.load")]
    public void A_target_names_its_DAG_and_task(string target, string dag, string task)
    {
        Assert.Equal((dag, task), TaskTarget.Parse(target));
        Assert.Equal(target, TaskTarget.Of(dag, task));
        Assert.Null(TaskTarget.Parse("container.task.x"));
    }

    [Fact]
    public void A_success_nobody_waited_for_is_remembered() =>
        Nothing.When(Recover(2), at: 11).Expect(new HealthSeen(Target, Run, 2, At(10), null, At(11)));

    // attempt   1 oom ──► 2 success        what arrives:  success of 2, then the failure of 1
    [Fact]
    public void A_failure_heard_of_after_the_success_behind_it_is_history() =>
        Nothing
            .When(Recover(2), at: 11)
            .Expect(new HealthSeen(Target, Run, 2, At(10), null, At(11)))
            .When(Fail(1), at: 12)
            .ExpectNothing();

    [Fact]
    public void A_late_report_about_an_earlier_attempt_is_history() =>
        KilledOnce
            .When(Fail(2, memory: 256, at: 5), at: 6)
            .Expect(Killed(2, 256, 5, 6), Raised(2, 2, 256, 512, 6))
            .When(Fail(1), at: 7)
            .ExpectNothing();

    [Fact]
    public void Runs_of_one_task_do_not_disturb_each_other() =>
        KilledOnce
            .When(Fail(1, run: "other"), at: 3)
            .Expect(Killed(1, 128, 0, 3, "other"), Raised(2, 1, 128, 256, 3, "other"));

    [Fact]
    public void Only_so_many_settled_runs_are_remembered_and_open_ones_go_last()
    {
        var state = KilledOnce.State;
        for (var n = 0; n < 150; n++)
            state = TaskDecider
                .Decide(
                    state,
                    new SeeTaskRecover("hello", $"r{n}", "load", 2, 64, At(n)),
                    new DecisionContext(Usual, 0, At(n))
                )
                .Aggregate(state, Case.Evolve);
        Assert.Equal(100, state.Episodes.Count);
        Assert.Equal(EpisodeState.Acting, state[Run].State);
    }
}
