namespace Nightshift.Contracts;

/// <summary>
/// Command, scheduler → executor (queue <c>executor-{Queue}</c>): run one attempt of a task.
/// Sent once the scheduler has committed <c>TaskQueued</c>. A repeat names the same attempt and changes nothing:
/// the executor's stream <c>attempt-{AttemptId}</c> exists already.
/// </summary>
/// <param name="AttemptId">As <see cref="Contracts.AttemptId"/> makes it; unique for ever.</param>
/// <param name="RunId">The run the attempt belongs to.</param>
/// <param name="DagId">The DAG of that run.</param>
/// <param name="TaskId">The task inside the DAG.</param>
/// <param name="Attempt">1 for the first try, counting up.</param>
/// <param name="Kind"><c>container</c> or <c>noop</c> (succeeds at once, starts nothing).</param>
/// <param name="Image">Image reference for a container; empty for <c>noop</c>.</param>
/// <param name="Command">Argument vector; never joined into a shell line by the executor.</param>
/// <param name="Env">Environment variables, rendered. A value <c>secret:NAME</c> is replaced by the executor with that
/// secret.</param>
/// <param name="TimeoutSeconds">Seconds the attempt may run before it is stopped; at least 1.</param>
/// <param name="MemoryMiB">Hard memory limit in MiB, swap included; at least 6 (the engine's minimum).</param>
/// <param name="Cpus">Hard CPU limit in cores, 0.01 or more.</param>
/// <param name="QueuedAt">When the scheduler queued the attempt (UTC).</param>
/// <param name="Queue">The queue the task names: only executors that serve it are granted the attempt. Default
/// <c>default</c>.</param>
/// <param name="Priority">Which attempt of the executor's queues is granted first: the larger number, then the older
/// attempt. A point stands for a minute of waiting, at most a day's worth. Any integer; default 1.</param>
public sealed record StartAttempt(
    string AttemptId,
    string RunId,
    string DagId,
    string TaskId,
    int Attempt,
    string Kind,
    string Image,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Env,
    int TimeoutSeconds,
    int MemoryMiB,
    double Cpus,
    DateTimeOffset QueuedAt,
    string Queue = "default",
    int Priority = 1
)
{
    /// <summary>
    /// Size of <c>/tmp</c> in MiB, 1 to <c>MemoryMiB</c>; it counts as memory when it is used. Null for half of the
    /// memory limit.
    /// </summary>
    public int? TmpMiB { get; init; }

    /// <summary>What the value of an environment variable begins with when the rest of it names a secret.</summary>
    public const string SecretPrefix = "secret:";
}

/// <summary>
/// Command, scheduler → executor (queue <c>executor-{Queue}</c>): end an attempt whose run goes on without it. Its
/// container is stopped, or never made. Sent once the scheduler has committed <c>TaskStopped</c>, or that a person
/// cancelled, marked or cleared the task, and again while such an attempt is reported to run. One that overtakes
/// <see cref="StartAttempt"/> counts too; a repeat, or one for an attempt that is over, changes nothing.
/// </summary>
/// <param name="AttemptId">As in <see cref="StartAttempt"/>.</param>
/// <param name="RunId">The run.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt number.</param>
/// <param name="Why">One line for a person.</param>
public sealed record StopAttempt(string AttemptId, string RunId, string DagId, string TaskId, int Attempt, string Why);

/// <summary>
/// Event, executor → scheduler: the attempt's container runs. Not sent for <c>noop</c>. Sent again each minute as long
/// as it runs; when its run goes on without it, the answer is <see cref="StopAttempt"/>. A repeat, or one that arrives
/// after <see cref="AttemptFinished"/>, decides nothing.
/// </summary>
/// <param name="AttemptId">As in <see cref="StartAttempt"/>.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt number.</param>
/// <param name="StartedAt">When the engine started the container (UTC).</param>
public sealed record AttemptStarted(
    string AttemptId,
    string RunId,
    string TaskId,
    int Attempt,
    DateTimeOffset StartedAt
);

/// <summary>
/// Event, executor → scheduler: the attempt is over, whatever its end. Exactly one fact per attempt is committed; a
/// repeat of the message decides nothing.
/// </summary>
/// <param name="AttemptId">As in <see cref="StartAttempt"/>.</param>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">The attempt number.</param>
/// <param name="Succeeded">True when the command ended with 0, the kernel killed nothing in it, and its outputs
/// could be taken.</param>
/// <param name="Reason">
/// Why it ended: <c>completed</c>, <c>exit</c> (non-zero), <c>oom</c> (killed for memory), <c>timeout</c>,
/// <c>output</c> (the command ended with 0, and its outputs are too many, too long or cannot be read), <c>image</c>
/// (image cannot be had), <c>refused</c> (the task asks for what cannot be: a secret that is missing or the system's
/// own, a limit below the least), <c>engine</c> (the engine or the machine failed, or the output may be incomplete
/// through no fault of the task), <c>lost</c> (its executor and engine are gone), <c>stopped</c>
/// (the scheduler asked for its end).
/// </param>
/// <param name="Detail">One line for a person; empty when there is nothing to add.</param>
/// <param name="ExitCode">The process's exit code; null when no process ever ran.</param>
/// <param name="MemoryMiB">The memory limit the attempt ran with, MiB.</param>
/// <param name="Outputs">Values printed as <c>::output name=value</c> on standard output, or written to
/// <c>$NIGHTSHIFT_OUTPUT</c>; at most 64 of at most 32 KiB each. Over a limit the attempt fails with the reason
/// <c>output</c>, and <c>Detail</c> names output and limit.</param>
/// <param name="FinishedAt">When it ended (UTC).</param>
/// <param name="Infrastructure">True for a fault of the engine, the executor or the machine (<c>engine</c>,
/// <c>lost</c>): the task is tried again without using up its retries.</param>
public sealed record AttemptFinished(
    string AttemptId,
    string RunId,
    string TaskId,
    int Attempt,
    bool Succeeded,
    string Reason,
    string Detail,
    int? ExitCode,
    int MemoryMiB,
    IReadOnlyDictionary<string, string> Outputs,
    DateTimeOffset FinishedAt,
    bool Infrastructure = false
);
