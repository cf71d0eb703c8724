using Nightshift.Scheduler.Interventions;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Tests.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Pools;

/// <summary>Tasks that wait for slots before they are queued.</summary>
public sealed class ScheduledTaskSpecs
{
    const string Stream = "run-manual__etl__1";

    static readonly DagSpec Pooled = Dag(
        """
        dag: etl
        defaults: { pool: db, memory: 64MiB }
        tasks:
          extract: { noop: true, pool_slots: 2, retries: 1, retry_delay: 5m, priority_weight: 7 }
          load: { noop: true, needs: [extract], run_if: 'tasks.extract.output.rows != "0"' }
        """
    );

    static TaskScheduled Scheduled(string task, int attempt, int slots, int priority, int? request = null) =>
        new(task, attempt, request ?? attempt, "db", slots, priority, T0);

    static Given<Run> Given(params object[] events) => new(RunStream.Definition, events);

    [Fact]
    public void A_task_that_waits_for_slots_is_about_to_run_and_is_not_cleared() =>
        Given(Queued(Pooled), Scheduled("extract", 1, 2, 8))
            .When(x => InterventionDecider.Decide(x, new ClearTasks(new(null), null, new("anna", null, T0))))
            .ExpectNothing();

    [Fact]
    public void A_task_with_a_pool_is_scheduled_when_it_is_ready_and_queued_when_it_is_granted() =>
        Given(Queued(Pooled), Scheduled("extract", 1, 2, 8))
            .When(x => RunDecider.Decide(x, new StartScheduled("extract", 1, T0)))
            .Expect(TaskQueued(Pooled, "extract", 1));

    [Fact]
    public void A_run_begins_with_requests()
    {
        var events = RunDecider.Decide(Run.None, Start(Pooled));
        Assert.Equal([Queued(Pooled).GetType(), typeof(TaskScheduled)], events.Select(x => x.GetType()));
        Assert.Equal(Scheduled("extract", 1, 2, 8), events[1]);
    }

    [Fact]
    public void A_grant_of_another_request_or_for_a_task_that_waits_no_more_decides_nothing()
    {
        var given = Given(Queued(Pooled), Scheduled("extract", 1, 2, 8));
        given.When(x => RunDecider.Decide(x, new StartScheduled("extract", 2, T0))).ExpectNothing();
        given
            .And(TaskQueued(Pooled, "extract", 1))
            .When(x => RunDecider.Decide(x, new StartScheduled("extract", 1, T0)))
            .ExpectNothing();
        given.When(x => RunDecider.Decide(x, Succeeded("extract"))).ExpectNothing();
    }

    // Whoever granted it was slow: meanwhile it gave its slots back, and asks for the same attempt anew.
    [Fact]
    public void A_late_grant_of_slots_that_were_given_back_decides_nothing()
    {
        var dag = Pooled with { DagRunTimeout = TimeSpan.FromHours(1) };
        var events = new List<RunEvent>(RunDecider.Decide(Run.None, Start(dag)));
        var run = events.Aggregate(Run.None, Run.Evolve);
        run = RunDecider.Decide(run, new RunTimeoutDue(T0.AddHours(1))).Aggregate(run, Run.Evolve);
        run = Run.Evolve(run, new TaskCleared("extract", 0, 64, "case", ["load"], T0));
        run = Run.Evolve(run, Scheduled("extract", 1, 2, 8, request: 2));
        Assert.Empty(RunDecider.Decide(run, new StartScheduled("extract", 1, T0)));
        Assert.NotEmpty(RunDecider.Decide(run, new StartScheduled("extract", 2, T0)));
    }

    [Fact]
    public void A_retry_asks_again() =>
        Given(
                Queued(Pooled),
                Scheduled("extract", 1, 2, 8),
                TaskQueued(Pooled, "extract", 1),
                new TaskUpForRetry("extract", 1, "exit", "", 64, T0.AddMinutes(5), T0)
            )
            .When(x => RunDecider.Decide(x, new RetryDue("extract", 2, T0)))
            .Expect(Scheduled("extract", 2, 2, 8));

    [Fact]
    public void A_condition_is_judged_before_slots_are_asked_for() =>
        Given(Queued(Pooled), Scheduled("extract", 1, 2, 8), TaskQueued(Pooled, "extract", 1))
            .When(x =>
                RunDecider.Decide(
                    x,
                    Succeeded("extract") with
                    {
                        Outputs = new Dictionary<string, string> { ["rows"] = "0" },
                    }
                )
            )
            .Expect(
                new TaskSucceeded("extract", 1, 64, new Dictionary<string, string> { ["rows"] = "0" }, T0),
                new TaskSkipped("load", T0) { Reason = SkipReason.Condition },
                Finished(RunOutcome.Succeeded)
            );

    [Fact]
    public void A_stopped_run_skips_what_waits_for_slots()
    {
        var dag = Pooled with { DagRunTimeout = TimeSpan.FromHours(1) };
        var events = Given(Queued(dag), Scheduled("extract", 1, 2, 8));
        var stopped = RunDecider.Decide(events.State, new RunTimeoutDue(T0.AddHours(1)));
        Assert.Contains(new TaskSkipped("extract", T0.AddHours(1)) { Reason = SkipReason.Timeout }, stopped);
    }

    // The default path costs no statement more.
    [Fact]
    public void A_run_without_pools_and_limits_changes_no_row() =>
        Assert.Empty(Rows(ExtractThenLoad, Playback.Play(ExtractThenLoad).Log));

    [Fact]
    public void A_task_without_pool_beside_one_with_a_pool_is_queued_at_once()
    {
        var dag = Dag("dag: etl\ntasks: { a: { noop: true }, b: { noop: true, pool: db } }");
        var events = RunDecider.Decide(Run.None, Start(dag));
        Assert.Equal(["TaskQueued", "TaskScheduled"], events.Skip(1).Select(x => x.GetType().Name));
        Assert.Equal(["b"], Rows(dag, events).Select(x => x.Task));
    }

    [Fact]
    public void With_a_limit_of_the_run_every_task_asks()
    {
        var dag = ExtractThenLoad with { MaxActiveTasks = 1 };
        var scheduled = RunDecider.Decide(Run.None, Start(dag)).OfType<TaskScheduled>().Single();
        Assert.Equal((null, 1), (scheduled.Pool, scheduled.Slots));
    }

    [Fact]
    public void The_row_of_a_task_follows_its_events()
    {
        RunEvent[] log =
        [
            Queued(Pooled),
            Scheduled("extract", 1, 2, 8),
            TaskQueued(Pooled, "extract", 1),
            new TaskStarted("extract", 1, T0),
            new TaskUpForRetry("extract", 1, "exit", "", 64, T0.AddMinutes(5), T0),
            Scheduled("extract", 2, 2, 8),
            TaskQueued(Pooled, "extract", 2),
            new TaskFailed("extract", 2, "exit", "", 64, T0),
            new TaskUpstreamFailed("load", T0),
        ];
        Assert.Equal(
            [
                "Requested",
                "Advanced Queued",
                "Advanced Running",
                "Released",
                "Requested",
                "Advanced Queued",
                "Released",
            ],
            Rows(Pooled, log).Select(x => x is SlotRowChange.Advanced y ? $"Advanced {y.State}" : x.GetType().Name)
        );
        Assert.All(Rows(Pooled, log), x => Assert.Equal((Stream, "extract"), (x.StreamId, x.Task)));
    }

    static List<SlotRowChange> Rows(DagSpec dag, IEnumerable<RunEvent> log)
    {
        Assert.Equal("etl", dag.DagId);
        var (run, changes) = (Run.None, new List<SlotRowChange>());
        foreach (var e in log)
        {
            var before = run;
            run = Run.Evolve(run, e);
            changes.AddRange(SlotRequestRows.Of(before, run, e, RunStream.Definition.KeysChangedBy(run, e)));
        }
        return changes;
    }
}
