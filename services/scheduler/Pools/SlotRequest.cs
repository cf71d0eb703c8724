namespace Nightshift.Scheduler.Pools;

/// <summary>What limits how many tasks are at work at a time.</summary>
public enum LimitKind
{
    /// <summary>The slots of a pool.</summary>
    Pool,

    /// <summary><c>max_active_tasks</c> of a DAG: tasks of one run.</summary>
    MaxActiveTasks,

    /// <summary><c>max_active_tis_per_dag</c> of a task: its instances in all runs.</summary>
    MaxActiveTisPerDag,

    /// <summary><c>max_active_tis_per_dagrun</c> of a task: its instances in one run.</summary>
    MaxActiveTisPerDagrun,
}

/// <summary>One thing that is limited.</summary>
/// <param name="Kind">What limits.</param>
/// <param name="Of">The pool, the run's stream, <c>dag/task</c> or <c>run's stream/task</c>.</param>
public readonly record struct LimitScope(LimitKind Kind, string Of);

/// <summary>How far a request has come. Rows have the names.</summary>
public enum SlotState
{
    /// <summary>It holds nothing yet.</summary>
    Waiting,

    /// <summary>It holds its slots; the run is about to queue the task.</summary>
    Granted,

    /// <summary>Its task is queued.</summary>
    Queued,

    /// <summary>Its task runs.</summary>
    Running,
}

/// <summary>A task that waits for slots, or holds some.</summary>
/// <param name="StreamId">The run's stream.</param>
/// <param name="Task">The task.</param>
/// <param name="Number">Which request of the task it is; a grant names it.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="Limits">What it needs.</param>
/// <param name="Priority">The larger goes first.</param>
/// <param name="RequestedAt">Since when it waits (UTC).</param>
/// <param name="State">How far it has come.</param>
public sealed record SlotRequest(
    string StreamId,
    string Task,
    int Number,
    string DagId,
    TaskLimits Limits,
    int Priority,
    DateTimeOffset RequestedAt,
    SlotState State
)
{
    /// <summary>What a point of priority is worth: it stands for so much time of waiting.</summary>
    public static readonly TimeSpan WaitPerPriority = TimeSpan.FromMinutes(1);

    /// <summary>The priority from which on more is worth nothing against waiting: a day's worth.</summary>
    public const int MostPriority = 24 * 60;

    /// <summary>Its place in the order: the earlier goes first. Each minute of waiting counts as much as one point of
    /// priority, so whoever waits overtakes every newer request at last.</summary>
    public DateTimeOffset Turn => TurnOf(Priority, RequestedAt);

    /// <summary>As <see cref="Turn"/>.</summary>
    public static DateTimeOffset TurnOf(int priority, DateTimeOffset requestedAt) =>
        requestedAt - WaitPerPriority * Math.Clamp(priority, -MostPriority, MostPriority);

    /// <summary>True when it takes part of what is limited.</summary>
    public bool Holds => State is not SlotState.Waiting;

    /// <summary>What it takes part of, how much, and how much there is; null for the pool, which says that
    /// itself.</summary>
    public IEnumerable<(LimitScope Scope, int Slots, int? Limit)> Needs()
    {
        if (Limits.Pool is { } pool)
            yield return (new(LimitKind.Pool, pool), Limits.Slots, null);
        if (Limits.PerRun is { } perRun)
            yield return (new(LimitKind.MaxActiveTasks, StreamId), 1, perRun);
        if (Limits.PerDag is { } perDag)
            yield return (new(LimitKind.MaxActiveTisPerDag, $"{DagId}/{TaskInstanceId.TaskOf(Task)}"), 1, perDag);
        if (Limits.PerDagrun is { } perDagrun)
            yield return (
                new(LimitKind.MaxActiveTisPerDagrun, $"{StreamId}/{TaskInstanceId.TaskOf(Task)}"),
                1,
                perDagrun
            );
    }

    /// <summary>Requests with the same key need the same of the same: where one cannot be granted, none can.</summary>
    public string Key() =>
        string.Join('|', Needs().Select(x => $"{(int)x.Scope.Kind}:{x.Scope.Of}:{x.Slots}:{x.Limit}"));
}
