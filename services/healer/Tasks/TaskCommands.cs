namespace Nightshift.Healer.Tasks;

/// <summary>An attempt of a task failed.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Reason">As in the executor's report: <c>oom</c>, <c>exit</c>, …</param>
/// <param name="Detail">One line for a person; may be empty.</param>
/// <param name="MemoryMiB">The limit it ran with, MiB.</param>
/// <param name="Final">True when the scheduler has no attempt left.</param>
/// <param name="FailedAt">When the scheduler decided so (UTC).</param>
public sealed record SeeTaskFail(
    string DagId,
    string RunId,
    string TaskId,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    bool Final,
    DateTimeOffset FailedAt
)
{
    /// <summary>The target of healing.</summary>
    public string Target => TaskTarget.Of(DagId, TaskId);
}

/// <summary>A task succeeded after it had failed in the same run.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt that succeeded.</param>
/// <param name="MemoryMiB">The limit it ran with, MiB.</param>
/// <param name="RecoveredAt">When the scheduler decided so (UTC).</param>
public sealed record SeeTaskRecover(
    string DagId,
    string RunId,
    string TaskId,
    int Attempt,
    int MemoryMiB,
    DateTimeOffset RecoveredAt
)
{
    /// <summary>The target of healing.</summary>
    public string Target => TaskTarget.Of(DagId, TaskId);
}

/// <summary>A whole run succeeded.</summary>
/// <param name="Target">The task whose earlier failure it may settle.</param>
/// <param name="RunId">The run.</param>
/// <param name="SucceededAt">When the scheduler decided so (UTC).</param>
public sealed record SeeRunSucceed(string Target, string RunId, DateTimeOffset SucceededAt);

/// <summary>A raise of memory has had its time.</summary>
/// <param name="Target">The task.</param>
/// <param name="Action">The raise.</param>
public sealed record CheckRaised(string Target, int Action);

static class TaskTarget
{
    public static string Of(string dagId, string taskId) => $"task.{dagId}.{taskId}";
}
