using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Waiting;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Waiting;

/// <summary>What the tasks of a run wait for, in words and by name.</summary>
public sealed class WaitReasonSpecs
{
    internal static readonly WaitFacts Nothing = new(
        new Dictionary<string, SlotRequest>(),
        [],
        new Dictionary<string, int> { ["db"] = 2, ["default_pool"] = 128 },
        new Dictionary<string, IReadOnlyList<SlotRequest>>(),
        new Dictionary<string, DateTimeOffset>(),
        new Dictionary<string, QueueService> { ["default"] = new(1) },
        T0
    );

    static Run Folded(string tasks, params object[] events)
    {
        var dag = Dag($"dag: etl\ndefaults: {{ memory: 64MiB }}\ntasks:\n{tasks}");
        return events.Prepend(Queued(dag)).Aggregate(Run.None, Run.Evolve);
    }

    static TaskQueued IsQueued(string task) =>
        new(task, 1, new("noop", "default", "", [], Plans.Nothing, default, 64, 1), T0);

    static SlotRequest Request(
        string task,
        int slots = 1,
        string run = "run-manual__etl__1",
        string? pool = "db",
        int? perRun = null,
        int? perDag = null,
        SlotState state = SlotState.Waiting,
        double waited = 0
    ) => new(run, task, 1, "etl", new(pool, slots, perRun, perDag, null), 1, T0.AddMinutes(-waited), state);

    static WaitFacts Facts(SlotRequest own, params SlotRequest[] holding) =>
        Nothing with
        {
            Requests = new Dictionary<string, SlotRequest> { [own.Task] = own },
            Holding = holding,
        };

    static readonly Run Scheduled = Folded(
        "  a: { noop: true, pool: db }",
        new TaskScheduled("a", 1, 1, "db", 1, 1, T0)
    );

    static Dependency Only(Run run, WaitFacts facts, string task = "a") =>
        Assert.Single(Assert.Single(WaitReasons.Of(run, facts), x => x.TaskId == task).Dependencies);

    [Fact]
    public void Tasks_before_it_that_have_not_ended()
    {
        var run = Folded(
            "  a: { noop: true }\n  b: { noop: true }\n  c: { noop: true, needs: [a, b] }",
            IsQueued("a"),
            new TaskStarted("a", 1, T0),
            IsQueued("b"),
            new TaskSucceeded("b", 1, 64, Plans.Nothing, T0)
        );
        var waits = Only(run, Nothing, "c");
        Assert.Equal("upstream", waits.Name);
        Assert.Equal("Its trigger rule all_success is not met yet; not ended: a (running)", waits.Reason);
        Assert.Equal([new Blocker(Id.Value, "a", "running")], waits.BlockedBy);
        Assert.Equal(["c"], WaitReasons.Of(run, Nothing).Select(x => x.TaskId)); // a runs, b has ended
    }

    [Fact]
    public void A_setup_it_does_not_name()
    {
        var run = Folded(
            """
              s: { noop: true, setup: true }
              a: { noop: true, needs: [s] }
              b: { noop: true, needs: [a], trigger_rule: one_done }
            """,
            IsQueued("s")
        );
        Assert.Contains("s (queued)", Only(run, Nothing, "b").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_of_a_pool_and_who_holds_them()
    {
        var other = Request("load", 2, "run-manual__other__7", state: SlotState.Running);
        var waits = Only(Scheduled, Facts(Request("a"), other));
        Assert.Equal("pool", waits.Name);
        Assert.Equal(
            "It needs a slot of pool 'db', which has 0 of 2 free; 2 taken: load of manual__other__7 (running)",
            waits.Reason
        );
        Assert.Equal([new Blocker("manual__other__7", "load", "running", PoolSlots: 2)], waits.BlockedBy);
    }

    [Fact]
    public void A_pool_that_is_not_there_or_too_small_and_how_to_make_it()
    {
        Assert.Equal(
            "There is no pool 'nosuch'; 'nightshift pools set nosuch 1' makes it",
            Only(Scheduled, Facts(Request("a", pool: "nosuch"))).Reason
        );
        Assert.Equal(
            "It needs 3 slots of pool 'db', which has 2 in all: 'nightshift pools set db 3' gives it as many",
            Only(Scheduled, Facts(Request("a", slots: 3))).Reason
        );
    }

    [Fact]
    public void Each_limit_that_is_reached_and_no_other()
    {
        var facts = Facts(
            Request("a", perRun: 1, perDag: 1),
            Request("b", pool: null, perRun: 1, state: SlotState.Queued),
            Request("a", pool: null, run: "run-manual__etl__0", perDag: 1, state: SlotState.Running)
        );
        var waits = Assert.Single(WaitReasons.Of(Scheduled, facts)).Dependencies;
        Assert.Equal(
            [
                "max_active_tasks: max_active_tasks lets 1 tasks of the run work at a time; 1 at work: b (queued)",
                "max_active_tis_per_dag: max_active_tis_per_dag lets 1 instances of it work at a time, in all runs; "
                    + "1 at work: a of manual__etl__0 (running)",
            ],
            waits.Select(x => $"{x.Name}: {x.Reason}")
        );
    }

    [Fact]
    public void Free_slots_that_are_kept_for_a_larger_task()
    {
        var large = Request("large", 2, "run-manual__etl__0", waited: 5);
        var facts = Facts(Request("a"), Request("x", state: SlotState.Running, run: "run-9")) with
        {
            Before = new Dictionary<string, IReadOnlyList<SlotRequest>> { ["a"] = [large] },
        };
        var waits = Only(Scheduled, facts);
        Assert.Equal("turn", waits.Name);
        Assert.Equal(
            "Pool 'db' keeps its free slots for large of manual__etl__0 (scheduled), which needs 2 and has waited "
                + "since 2026-03-01 08:55:00Z",
            waits.Reason
        );
    }

    [Fact]
    public void The_time_of_its_next_try()
    {
        var run = Folded(
            "  a: { noop: true, retries: 1 }",
            IsQueued("a"),
            new TaskUpForRetry("a", 1, "exit", "exit code 1", 64, T0.AddMinutes(5), T0)
        );
        var facts = Nothing with { Retries = new Dictionary<string, DateTimeOffset> { ["a"] = T0.AddMinutes(5) } };
        Assert.Equal("Try 1 failed (exit); the next is due at 2026-03-01 09:05:00Z", Only(run, facts).Reason);
    }

    [Theory]
    [InlineData(0, "No executor serves queue 'default': start one with Executor__Queues__0=default")]
    [InlineData(1, "The executor of queue 'default' has not begun it")]
    [InlineData(3, "None of the 3 executors of queue 'default' has begun it")]
    [InlineData(null, "RabbitMQ does not say")]
    public void An_executor(int? executors, string reason)
    {
        var facts = Nothing with { Queues = new Dictionary<string, QueueService> { ["default"] = new(executors) } };
        var waits = Only(Folded("  a: { noop: true }", IsQueued("a")), facts);
        Assert.Equal("executor", waits.Name);
        Assert.Contains(reason, waits.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lists_are_named_in_part()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"t{i}").ToList();
        var tasks = string.Concat(names.Select(x => $"  {x}: {{ noop: true }}\n"));
        var run = Folded(
            $"{tasks}  z: {{ noop: true, needs: [{string.Join(", ", names)}] }}",
            [.. names.Select(IsQueued)]
        );
        var waits = Only(run, Nothing, "z");
        Assert.EndsWith("t9 (queued) and 290 more", waits.Reason, StringComparison.Ordinal);
        Assert.Equal(Dependency.MostBlockers, waits.BlockedBy.Count);
    }
}
