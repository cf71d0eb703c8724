namespace Nightshift.Contracts;

/// <summary>
/// Event, scheduler → healer: an attempt failed and the scheduler itself will try again. A repeat decides nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt that failed.</param>
/// <param name="Reason">As in <see cref="AttemptFinished"/>.</param>
/// <param name="Detail">One line for a person.</param>
/// <param name="MemoryMiB">The limit the failed attempt ran with, MiB.</param>
/// <param name="RetryAt">When the next attempt is due (UTC).</param>
/// <param name="At">When the scheduler decided (UTC).</param>
public sealed record TaskUpForRetry(
    string DagId,
    string RunId,
    string TaskId,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    DateTimeOffset RetryAt,
    DateTimeOffset At
);

/// <summary>Event, scheduler → healer: a task failed and no attempt is left. A repeat decides nothing.</summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt that failed.</param>
/// <param name="Reason">As in <see cref="AttemptFinished"/>.</param>
/// <param name="Detail">One line for a person.</param>
/// <param name="MemoryMiB">The limit the failed attempt ran with, MiB.</param>
/// <param name="At">When the scheduler decided (UTC).</param>
public sealed record TaskFailed(
    string DagId,
    string RunId,
    string TaskId,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    DateTimeOffset At
);

/// <summary>
/// Event, scheduler → healer and escalation: a task succeeded after an earlier attempt of the same run had failed or
/// was cleared.
/// A first attempt that succeeds is not announced. A repeat decides nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt that succeeded; 2 or more.</param>
/// <param name="MemoryMiB">The limit it succeeded with, MiB.</param>
/// <param name="At">When the scheduler decided (UTC).</param>
public sealed record TaskRecovered(
    string DagId,
    string RunId,
    string TaskId,
    int Attempt,
    int MemoryMiB,
    DateTimeOffset At
);

/// <summary>
/// Event, scheduler → healer: a run ended and succeeded, of a DAG in which something has failed since the last such
/// event that was not older than the failure; other successes concern nobody. It settles what healing had given up on in
/// this run of the DAG and in older ones. When healing gives up on a run and a newer one has succeeded before that, it
/// is published again. A repeat decides nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="LogicalDate">The instant the run stands for (UTC).</param>
/// <param name="QueuedAt">When the run was queued (UTC). A run is newer than another when neither its logical date nor
/// this is earlier.</param>
/// <param name="At">When the scheduler decided (UTC).</param>
public sealed record RunSucceeded(
    string DagId,
    string RunId,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    DateTimeOffset At
);

/// <summary>
/// Event, scheduler → scheduler: a run succeeded whose DAG queued runs of others require. They may start now. A repeat
/// decides nothing.
/// </summary>
/// <param name="DagId">The DAG that succeeded.</param>
/// <param name="RunId">The run.</param>
/// <param name="At">When the scheduler decided (UTC).</param>
public sealed record RequiredDagSucceeded(string DagId, string RunId, DateTimeOffset At);

/// <summary>
/// Event, scheduler → healer: a run ended and failed, and not only because a person ended it or its tasks. A run that
/// was reopened and fails again is announced again, with
/// the next <paramref name="End"/>. A repeat carries the same one and decides nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="End">Which end of the run this is, from 1.</param>
/// <param name="LogicalDate">As in <see cref="RunSucceeded"/>.</param>
/// <param name="QueuedAt">As in <see cref="RunSucceeded"/>.</param>
/// <param name="FailedTasks">Tasks that failed themselves, at most 20, those killed for memory first. Tasks given up
/// because something in front of them failed are not among them.</param>
/// <param name="FailedCount">How many failed themselves.</param>
/// <param name="At">When the scheduler decided (UTC).</param>
public sealed record RunFailed(
    string DagId,
    string RunId,
    int End,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    IReadOnlyList<FailedTask> FailedTasks,
    int FailedCount,
    DateTimeOffset At
)
{
    /// <summary>Why the run ended before its tasks did, as one line for a person; empty when it did not.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>A task that failed for good.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">Its last attempt.</param>
/// <param name="Reason">As in <see cref="AttemptFinished"/>.</param>
/// <param name="Detail">One line for a person, at most 200 characters; may be empty.</param>
/// <param name="MemoryMiB">The limit that attempt ran with, MiB.</param>
public sealed record FailedTask(string TaskId, int Attempt, string Reason, string Detail, int MemoryMiB);

/// <summary>
/// Command, healer → scheduler (queue <c>scheduler-retry-task</c>): try a failed task again with another memory limit.
/// Works on a task that waits for its retry and on one that failed for good (the run is reopened, tasks behind it that
/// were given up are cleared). Ignored when <paramref name="FailedAttempt"/> is not the task's latest attempt, so a
/// repeat starts nothing, and when a person has ended the task or the run.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="FailedAttempt">The attempt whose failure this answers.</param>
/// <param name="MemoryMiB">Memory limit for the next attempt, MiB.</param>
/// <param name="CaseId">The healer's case, for the record.</param>
public sealed record RetryTask(string RunId, string TaskId, int FailedAttempt, int MemoryMiB, string CaseId);

/// <summary>
/// Event, scheduler → healer: a person cancelled, marked or cleared tasks of a run. What healing was doing about them is
/// over, and calls nobody; a later failure begins anew. A repeat decides nothing.
/// </summary>
/// <param name="DagId">The DAG.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskIds">The tasks; null for every task of the run.</param>
/// <param name="What">What was done, as one line for a person: <c>cleared by anna</c>.</param>
/// <param name="At">When the scheduler decided (UTC). Failures after it are not meant.</param>
public sealed record TasksTakenOver(
    string DagId,
    string RunId,
    IReadOnlyList<string>? TaskIds,
    string What,
    DateTimeOffset At
);
