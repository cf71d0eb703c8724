using System.Text.Json.Serialization;
using Nightshift.Scheduler.Requirements;

namespace Nightshift.Scheduler.Waiting;

/// <summary>A task that waits, and what for. Times are UTC.</summary>
/// <param name="Task">The task, or the instance of a mapped task.</param>
/// <param name="State"><c>none</c>, <c>scheduled</c>, <c>queued</c> or <c>up_for_retry</c>.</param>
/// <param name="Since">Since when, where that is known.</param>
/// <param name="Dependencies">What it waits for; never empty.</param>
public sealed record WaitingTask(
    [property: JsonIgnore] string Task,
    string State,
    DateTimeOffset? Since,
    IReadOnlyList<Dependency> Dependencies
)
{
    /// <summary>The task.</summary>
    public string TaskId => TaskInstanceId.Parse(Task).TaskId;

    /// <summary>Which instance of a mapped task, from 0; -1 for a task that is not mapped.</summary>
    public int MapIndex => TaskInstanceId.Parse(Task).MapIndex;
}

/// <summary>One thing that a task waits for. Airflow's shape, with who it is added.</summary>
/// <param name="Name"><c>run</c>, <c>past</c>, <c>upstream</c>, <c>pool</c>, <c>max_active_tasks</c>, <c>max_active_tis_per_dag</c>,
/// <c>max_active_tis_per_dagrun</c>, <c>turn</c>, <c>retry</c> or <c>executor</c>.</param>
/// <param name="Reason">A sentence for people.</param>
/// <param name="BlockedBy">Tasks that have to end first, or that hold what it needs: at most
/// <see cref="MostBlockers"/>.</param>
public sealed record Dependency(string Name, string Reason, IReadOnlyList<Blocker> BlockedBy)
{
    /// <summary>Tasks that are named at most.</summary>
    public const int MostBlockers = 100;

    /// <summary>One that names no tasks.</summary>
    public Dependency(string name, string reason)
        : this(name, reason, []) { }
}

/// <summary>A task that another waits for.</summary>
/// <param name="DagRunId">Its run.</param>
/// <param name="Task">The task, or the instance of a mapped task.</param>
/// <param name="State">Where it stands.</param>
/// <param name="PoolSlots">Slots it holds of the pool in question; null when that is not what it holds.</param>
public sealed record Blocker(
    string DagRunId,
    [property: JsonIgnore] string Task,
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? PoolSlots = null
)
{
    /// <inheritdoc cref="WaitingTask.TaskId"/>
    public string TaskId => TaskInstanceId.Parse(Task).TaskId;

    /// <inheritdoc cref="WaitingTask.MapIndex"/>
    public int MapIndex => TaskInstanceId.Parse(Task).MapIndex;

    /// <summary>As people read it, in a sentence about some run.</summary>
    public string In(string run) => DagRunId == run ? $"{Task} ({State})" : $"{Task} of {DagRunId} ({State})";
}

/// <summary>What an executor queue is known to be.</summary>
/// <param name="Executors">Executors that serve it; null when the broker does not answer.</param>
public sealed record QueueService(int? Executors);

/// <summary>What is known about what a run waits for, beside the run itself.</summary>
/// <param name="Requests">Its own requests for slots, by task.</param>
/// <param name="Holding">All requests that hold slots, of any run.</param>
/// <param name="Pools">Slots of each pool; -1 for any number.</param>
/// <param name="Before">Requests for the same pool that come before that of a task, by task.</param>
/// <param name="Retries">When the next try of a task is due (UTC).</param>
/// <param name="Queues">The executor queues of its queued tasks.</param>
/// <param name="Now">The instant it was looked at (UTC).</param>
public sealed record WaitFacts(
    IReadOnlyDictionary<string, Pools.SlotRequest> Requests,
    IReadOnlyList<Pools.SlotRequest> Holding,
    IReadOnlyDictionary<string, int> Pools,
    IReadOnlyDictionary<string, IReadOnlyList<Pools.SlotRequest>> Before,
    IReadOnlyDictionary<string, DateTimeOffset> Retries,
    IReadOnlyDictionary<string, QueueService> Queues,
    DateTimeOffset Now
)
{
    /// <summary>DAGs that the run's DAG requires and that have not succeeded.</summary>
    public IReadOnlyList<RequiredDag> Required { get; init; } = [];
}
