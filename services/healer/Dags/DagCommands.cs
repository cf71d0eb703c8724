using Nightshift.Healer.Cases;

namespace Nightshift.Healer.Dags;

/// <summary>A run ended and failed.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="End">Which end of the run, from 1.</param>
/// <param name="LogicalDate">The instant the run stands for (UTC).</param>
/// <param name="QueuedAt">When it was queued (UTC).</param>
/// <param name="Tasks">Tasks that failed themselves; not always all of them.</param>
/// <param name="FailedCount">How many failed themselves.</param>
/// <param name="FailedAt">When the run ended (UTC).</param>
public sealed record SeeRunFail(
    string DagId,
    string RunId,
    int End,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    IReadOnlyList<TaskFailure> Tasks,
    int FailedCount,
    DateTimeOffset FailedAt
)
{
    /// <summary>Why it ended before its tasks did; empty when it did not.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>A task that failed in a run.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">Its last attempt when the run ended.</param>
/// <param name="Reason">As in the executor's report.</param>
/// <param name="Detail">One line for a person; may be empty.</param>
/// <param name="MemoryMiB">The limit it ran with, MiB.</param>
/// <param name="Healing">What healing knows of the task in this run.</param>
public sealed record TaskFailure(
    string TaskId,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    Episode Healing
);

/// <summary>Healing has given up on a task.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt whose failure it gave up on.</param>
/// <param name="Why">One line for a person.</param>
public sealed record SeeTaskGivenUp(string DagId, string RunId, string TaskId, int Attempt, string Why);

/// <summary>A run ended and succeeded.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="LogicalDate">The instant the run stands for (UTC).</param>
/// <param name="QueuedAt">When it was queued (UTC).</param>
/// <param name="SucceededAt">When the run ended (UTC).</param>
public sealed record SeeRunSucceed(
    string DagId,
    string RunId,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    DateTimeOffset SucceededAt
);

/// <summary>A person cancelled, marked or cleared tasks of a run.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="Tasks">The tasks; null for all.</param>
/// <param name="What">What was done, as one line for a person.</param>
/// <param name="TakenOverAt">When the scheduler decided so (UTC).</param>
public sealed record SeeTasksTakenOver(
    string DagId,
    string RunId,
    IReadOnlyList<string>? Tasks,
    string What,
    DateTimeOffset TakenOverAt
);

/// <summary>A flapping DAG has had its time to fail again.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run whose success was the first.</param>
public sealed record CheckDagStable(string DagId, string RunId);

/// <summary>Names the case, and the incident, of a DAG.</summary>
public static class DagTarget
{
    const string Prefix = "dag.";

    /// <summary>The target of a DAG's case.</summary>
    public static string Of(string dagId) => $"{Prefix}{dagId}";

    /// <summary>True for the target of a DAG.</summary>
    public static bool Is(string target) => target.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The DAG of a target; null for another kind of target.</summary>
    public static string? Parse(string target) => Is(target) ? target[Prefix.Length..] : null;
}
