using System.Globalization;
using System.Text.Json;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Waiting;

/// <summary>What the tasks of a run wait for, by name.</summary>
public static class WaitReasons
{
    const int MostNamed = 10; // tasks in a sentence

    /// <summary>The tasks that wait, in topological order.</summary>
    public static IReadOnlyList<WaitingTask> Of(Run run, WaitFacts facts) =>
        [.. run.Instances.Select(x => Of(run, x, facts)).OfType<WaitingTask>()];

    /// <summary>One task; null when it has ended or runs.</summary>
    public static WaitingTask? Of(Run run, TaskSpec spec, WaitFacts facts)
    {
        var task = run.Tasks[spec.TaskId];
        return task.State switch
        {
            TaskState.None when run.IsWaiting => new(spec.TaskId, Word(task.State), run.Queued!.At, OfRun(run, facts)),
            TaskState.None when task.WaitsForPast => new(spec.TaskId, Word(task.State), null, [OfPast(spec)]),
            TaskState.None => new(spec.TaskId, Word(task.State), null, [OfUpstream(run, spec)]),
            TaskState.Scheduled when facts.Requests.TryGetValue(spec.TaskId, out var request) => new(
                spec.TaskId,
                Word(task.State),
                request.RequestedAt,
                OfSlots(run, request, facts)
            ),
            TaskState.Scheduled => new(spec.TaskId, Word(task.State), null, [new("turn", "It is being queued")]),
            TaskState.UpForRetry => new(spec.TaskId, Word(task.State), task.EndedAt, [OfRetry(task, spec, facts)]),
            TaskState.Queued => new(spec.TaskId, Word(task.State), task.StartedAt, [OfExecutor(spec, facts)]),
            _ => null,
        };
    }

    static IReadOnlyList<Dependency> OfRun(Run run, WaitFacts facts) =>
        run.Queued!.RunAfter > facts.Now ? [new("run", $"Its run starts after {Instant(run.Queued.RunAfter.Value)}")]
        : facts.Required.Count > 0 ? [.. facts.Required.Select(x => new Dependency("requires", x.Reason()))]
        : [new("run", "Its run is queued until its DAG is not paused and max_active_runs leaves room")];

    static Dependency OfPast(TaskSpec spec) =>
        new(
            "past",
            spec.WaitForDownstream
                ? "It has wait_for_downstream: the same task of the previous run, and those that need it there, have "
                    + "to succeed or be skipped first"
                : "It has depends_on_past: the same task of the previous run has to succeed or be skipped first"
        );

    static Dependency OfUpstream(Run run, TaskSpec spec)
    {
        var id = run.Queued!.RunId.Value;
        var open = spec
            .Needs.Concat(run.Plan.IndirectSetups(spec.TaskId))
            .Distinct()
            .SelectMany(x => run.InstancesOf(run.Plan[x]))
            .Select(x => (Name: x.TaskId, Task: run.Tasks[x.TaskId]))
            .Where(x => !x.Task.Ended)
            .Select(x => new Blocker(id, x.Name, Word(x.Task.State)))
            .ToList();
        return new(
            "upstream",
            $"Its trigger rule {TriggerRuleNames.Of(spec.Rule)} is not met yet; not ended: {Names(open, id)}",
            [.. open.Take(Dependency.MostBlockers)]
        );
    }

    static Dependency OfRetry(TaskInstance task, TaskSpec spec, WaitFacts facts) =>
        new(
            "retry",
            $"Try {task.Attempt} failed ({task.Failure?.Reason}); "
                + (
                    facts.Retries.TryGetValue(spec.TaskId, out var due)
                        ? $"the next is due at {Instant(due)}"
                        : "the next is about to begin"
                )
        );

    static Dependency OfExecutor(TaskSpec spec, WaitFacts facts) =>
        new(
            "executor",
            facts.Queues.GetValueOrDefault(spec.Queue)?.Executors switch
            {
                null => $"It is on executor queue '{spec.Queue}'; RabbitMQ does not say who serves that",
                0 => $"No executor serves queue '{spec.Queue}': start one with Executor__Queues__0={spec.Queue}",
                1 =>
                    $"The executor of queue '{spec.Queue}' has not begun it: it has no free slot, or fetches the image",
                var n =>
                    $"None of the {n} executors of queue '{spec.Queue}' has begun it: they have no free slot, or one "
                        + "fetches the image",
            }
        );

    static IReadOnlyList<Dependency> OfSlots(Run run, SlotRequest request, WaitFacts facts)
    {
        var ledger = SlotLedger.Of(facts.Pools, facts.Holding);
        var id = run.Queued!.RunId.Value;
        var lacking = request.Holds
            ? []
            : request
                .Needs()
                .Zip(ledger.RoomFor(request), (need, room) => (need.Scope, need.Limit, room.Room))
                .Where(x => x.Room == 0)
                .Select(x => OfLimit(id, request, x.Scope, x.Limit, ledger, facts.Holding))
                .ToList();
        return lacking.Count > 0 ? lacking : [OfTurn(id, request, ledger, facts)];
    }

    static Dependency OfLimit(
        string run,
        SlotRequest request,
        LimitScope scope,
        int? limit,
        SlotLedger ledger,
        IReadOnlyList<SlotRequest> holding
    )
    {
        var isPool = scope.Kind is LimitKind.Pool;
        var holders = holding
            .Where(x => x.Needs().Any(y => y.Scope == scope))
            .OrderBy(x => x.RequestedAt)
            .Select(x => Of(x, isPool ? x.Limits.Slots : null))
            .ToList();
        var (used, name) = (ledger.Used(scope), NameOf(scope.Kind));
        var reason = scope.Kind switch
        {
            LimitKind.Pool => OfPool(request, ledger),
            LimitKind.MaxActiveTasks => $"{name} lets {limit} tasks of the run work at a time",
            LimitKind.MaxActiveTisPerDag => $"{name} lets {limit} instances of it work at a time, in all runs",
            _ => $"{name} lets {limit} instances of it work at a time in one run",
        };
        var held = holders.Count == 0 ? "" : $"; {used} {(isPool ? "taken" : "at work")}: {Names(holders, run)}";
        return new(name, reason + held, [.. holders.Take(Dependency.MostBlockers)]);
    }

    static string OfPool(SlotRequest request, SlotLedger ledger)
    {
        var (pool, slots) = (request.Limits.Pool!, request.Limits.Slots);
        return ledger.SlotsOf(pool) switch
        {
            null => $"There is no pool '{pool}'; 'nightshift pools set {pool} {slots}' makes it",
            var all when all < slots =>
                $"It needs {slots} slots of pool '{pool}', which has {all} in all: 'nightshift pools set {pool} {slots}' "
                    + "gives it as many",
            var all =>
                $"It needs {Slots(slots)} of pool '{pool}', which has {Math.Max(0, all!.Value - ledger.Used(new(LimitKind.Pool, pool)))} of {all} free",
        };
    }

    // Everything has room: it is granted in a moment, unless the pool is kept for one that came before it.
    static Dependency OfTurn(string run, SlotRequest request, SlotLedger ledger, WaitFacts facts) =>
        facts
            .Before.GetValueOrDefault(request.Task)
            ?.FirstOrDefault(x => SlotAllocator.ReservesPool(ledger, x, facts.Now))
            is { } large
            ? new(
                "turn",
                $"Pool '{request.Limits.Pool}' keeps its free slots for {Of(large, null).In(run)}, which needs "
                    + $"{large.Limits.Slots} and has waited since {Instant(large.RequestedAt)}",
                [Of(large, large.Limits.Slots)]
            )
            : new("turn", "Everything it needs is free: it is being queued");

    static Blocker Of(SlotRequest x, int? slots) => new(RunStream.RunIdOf(x.StreamId), x.Task, StateOf(x.State), slots);

    static string StateOf(SlotState state) =>
        state switch
        {
            SlotState.Waiting => "scheduled",
            SlotState.Running => "running",
            _ => "queued",
        };

    static string NameOf(LimitKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    static string Word(TaskState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    static string Slots(int count) => count == 1 ? "a slot" : $"{count} slots";

    static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string Names(IReadOnlyList<Blocker> blockers, string run) =>
        string.Join(", ", blockers.Take(MostNamed).Select(x => x.In(run)))
        + (blockers.Count > MostNamed ? $" and {blockers.Count - MostNamed} more" : "");
}
