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

/// <summary>A whole run succeeded, and no newer one failed.</summary>
/// <param name="Target">The task whose earlier failure it may settle.</param>
/// <param name="RunId">The run.</param>
/// <param name="SucceededAt">When the scheduler decided so (UTC).</param>
public sealed record SettleTask(string Target, string RunId, DateTimeOffset SucceededAt);

/// <summary>A person cancelled, marked or cleared a task in a run.</summary>
/// <param name="Target">The task.</param>
/// <param name="RunId">The run.</param>
/// <param name="What">What was done, as one line for a person.</param>
/// <param name="TakenOverAt">When the scheduler decided so (UTC).</param>
public sealed record SeeTaskTakenOver(string Target, string RunId, string What, DateTimeOffset TakenOverAt);

/// <summary>A raise of memory has had its time.</summary>
/// <param name="Target">The task.</param>
/// <param name="Action">The raise.</param>
public sealed record CheckRaised(string Target, int Action);

/// <summary>Names the case of a task.</summary>
public static class TaskTarget
{
    const string Prefix = "task.";

    /// <summary>The target of a task's case.</summary>
    public static string Of(string dagId, string taskId) => $"{Prefix}{dagId}.{taskId}";

    /// <summary>The DAG and the task of a target; null for another kind of target. A DAG's name holds no dot.</summary>
    public static (string DagId, string TaskId)? Parse(string target) =>
        target.StartsWith(Prefix, StringComparison.Ordinal) && target.IndexOf('.', Prefix.Length) is var dot and > 0
            ? (target[Prefix.Length..dot], target[(dot + 1)..])
            : null;
}
