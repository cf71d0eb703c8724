using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>Names a run: <c>{manual|scheduled|push|backfill}__{dag}__{key}</c>.</summary>
[JsonConverter(typeof(StringIdConverter<RunId>))]
public readonly record struct RunId(string Value) : IStringId<RunId>
{
    /// <inheritdoc/>
    public static RunId Of(string value) => new(value);

    /// <summary>The run of one tick.</summary>
    public static RunId Scheduled(string dagId, DateTimeOffset tick) =>
        new($"scheduled__{dagId}__{tick.UtcDateTime:yyyyMMddTHHmmssZ}");

    /// <summary>The run somebody asked for.</summary>
    public static RunId Manual(string dagId, string key) => new($"manual__{dagId}__{key}");

    /// <summary>The run of one date of a backfill.</summary>
    public static RunId Backfill(string dagId, DateTimeOffset logicalDate, long backfillId) =>
        new($"backfill__{dagId}__{logicalDate.UtcDateTime:yyyyMMddTHHmmssZ}_{backfillId}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Why a run exists.</summary>
public enum RunType
{
    Manual,
    Scheduled,
    Push,
    Backfill,
}

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    Succeeded,
    Failed,
}

/// <summary>A fact about one run. Stored for ever: add properties, never rename or repurpose one.</summary>
public abstract record RunEvent(DateTimeOffset At);

/// <summary>The run exists with a fixed plan; later edits of the DAG do not reach it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="DagId">Its DAG.</param>
/// <param name="DagVersion">The version of the DAG it keeps.</param>
/// <param name="Plan">The tasks, in topological order.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Cause">The same for people: <c>schedule</c>, <c>operator</c>, <c>push acme/site main</c>.</param>
/// <param name="LogicalDate">The instant the run stands for (UTC): the start of what it covers, or when it was asked for.</param>
/// <param name="Interval">What the run covers: for a scheduled run its tick alone, as in Airflow 3, or the time its
/// schedule says; null for a run without one.</param>
/// <param name="Params">The DAG's parameters with this run's values; null for no value.</param>
/// <param name="Trigger">What templates see as <c>trigger.*</c>.</param>
/// <param name="At">When it was queued (UTC).</param>
public sealed record RunQueued(
    RunId RunId,
    string DagId,
    string DagVersion,
    Plan Plan,
    RunType Type,
    string Cause,
    DateTimeOffset LogicalDate,
    DataInterval? Interval,
    IReadOnlyDictionary<string, string?> Params,
    IReadOnlyDictionary<string, string> Trigger,
    DateTimeOffset At
) : RunEvent(At)
{
    /// <summary>How long it may take; null for any time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? DagRunTimeout { get; init; }

    /// <summary>The first task that fails for good ends it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FailFast { get; init; }

    /// <summary>The next run of the DAG begins when this one has ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsContinuous { get; init; }

    /// <summary>When it may start at the earliest (UTC): its tasks wait for <see cref="RunStarted"/>. Null for a run
    /// that starts with this event.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RunAfter { get; init; }

    /// <summary>Its DAG is paused when so many runs failed one after the other; null for never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxConsecutiveFailedDagRuns { get; init; }

    /// <summary>What a person wrote about it, at most 1000 characters; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>The backfill that asked for it; null for another cause.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BackfillId { get; init; }

    /// <summary>The DAGs whose latest run has to succeed before it starts; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Requires { get; init; }

    /// <summary>Tasks of it that may be queued or running at a time; null for any number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxActiveTasks { get; init; }

    /// <summary>The run's values of parameters that its DAG declares with more than a default, which
    /// <see cref="Params"/> does not have; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? TypedParams { get; init; }

    /// <summary>All values of the run's parameters as JSON.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, JsonElement> Conf =>
        Params
            .Select(x => KeyValuePair.Create(x.Key, JsonSerializer.SerializeToElement(x.Value)))
            .Concat(TypedParams ?? ParamConf.None)
            .ToDictionary();
}

/// <summary>
/// The run may begin: the wait of a run that was queued with <see cref="RunQueued.RunAfter"/> is over.
/// </summary>
public sealed record RunStarted(DateTimeOffset At) : RunEvent(At);

/// <summary>A half-open span [Start, End) in UTC; one instant when both are the same.</summary>
public sealed record DataInterval(DateTimeOffset Start, DateTimeOffset End);

/// <summary>
/// A task is ready, and waits for slots of its pool or for room in its limits. Its row in <c>slot_request</c> is written
/// in the same transaction; <see cref="TaskQueued"/> follows when it was granted them. A task without pool and limits is
/// queued without it.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt that is to begin.</param>
/// <param name="Request">1, 2, …: which request for slots of this task it is. A grant of an earlier one decides
/// nothing.</param>
/// <param name="Pool">The pool; null for none.</param>
/// <param name="Slots">Slots it takes of the pool.</param>
/// <param name="Priority">The larger goes first.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskScheduled(
    string Task,
    int Attempt,
    int Request,
    string? Pool,
    int Slots,
    int Priority,
    DateTimeOffset At
) : RunEvent(At);

/// <summary>An attempt is ready for an executor, with everything it needs.</summary>
public sealed record TaskQueued(string Task, int Attempt, AttemptWork Work, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>What an instance of a mapped task is called, at most <see cref="LongestName"/> characters; null when it
    /// has no such name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RenderedMapIndex { get; init; }

    /// <summary>Characters of such a name, as in Airflow.</summary>
    public const int LongestName = 250;
}

/// <summary>What an executor is to do, templates rendered.</summary>
/// <param name="Kind"><c>container</c> or <c>noop</c>.</param>
/// <param name="Queue">The executor queue.</param>
/// <param name="Image">Image reference.</param>
/// <param name="Command">Argument vector.</param>
/// <param name="Env">Environment, rendered; secrets by name. In an event without what is stored beside its
/// stream.</param>
/// <param name="Timeout">How long it may run.</param>
/// <param name="MemoryMiB">Hard memory limit, MiB.</param>
/// <param name="Cpus">Hard CPU limit, cores.</param>
public sealed record AttemptWork(
    string Kind,
    string Queue,
    string Image,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Env,
    TimeSpan Timeout,
    int MemoryMiB,
    double Cpus
)
{
    /// <summary>Size of <c>/tmp</c>, MiB; null for half of the memory limit.</summary>
    public int? TmpMiB { get; init; }

    /// <summary>Which attempt an executor is granted first: the larger number; null for 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Priority { get; init; }

    /// <summary>Variables that are stored beside the stream, by name; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredEnv { get; init; }
}

/// <summary>The task is ready, and waits for what the DAG's previous run makes of it.</summary>
public sealed record TaskWaitsForPast(string Task, DateTimeOffset At) : RunEvent(At);

/// <summary>The attempt's container runs.</summary>
public sealed record TaskStarted(string Task, int Attempt, DateTimeOffset At) : RunEvent(At);

/// <summary>The attempt succeeded and handed these values on.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="MemoryMiB">The memory limit it ran with, MiB.</param>
/// <param name="Outputs">The values by name, without those that are stored beside the stream.</param>
/// <param name="At">When it ended (UTC).</param>
public sealed record TaskSucceeded(
    string Task,
    int Attempt,
    int MemoryMiB,
    IReadOnlyDictionary<string, string> Outputs,
    DateTimeOffset At
) : RunEvent(At)
{
    /// <summary>The values that are stored beside the stream, by name; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredOutputs { get; init; }

    /// <summary>Names of values that the task declares and that are JSON; others that it declares are text. Null when
    /// there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? JsonOutputs { get; init; }
}

/// <summary>The attempt failed; another is due at <paramref name="RetryAt"/>.</summary>
public sealed record TaskUpForRetry(
    string Task,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    DateTimeOffset RetryAt,
    DateTimeOffset At
) : RunEvent(At);

/// <summary>
/// The attempt ended through a fault of the engine, the executor or the machine, not of the task; another is due at
/// <paramref name="RetryAt"/> and uses up none of the task's retries.
/// </summary>
public sealed record TaskRequeued(
    string Task,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    DateTimeOffset RetryAt,
    DateTimeOffset At
) : RunEvent(At);

/// <summary>The attempt failed and none is left.</summary>
public sealed record TaskFailed(
    string Task,
    int Attempt,
    string Reason,
    string Detail,
    int MemoryMiB,
    DateTimeOffset At
) : RunEvent(At);

/// <summary>The task has nothing to do.</summary>
public sealed record TaskSkipped(string Task, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>Why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SkipReason Reason { get; init; }

    /// <summary>The task that skipped it, or whose failure stopped the run; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? By { get; init; }
}

/// <summary>Why a task was skipped.</summary>
public enum SkipReason
{
    /// <summary>Its trigger rule leaves it nothing to do.</summary>
    TriggerRule,

    /// <summary>A task it needs branched, and chose others.</summary>
    Branch,

    /// <summary>A task before it ended this path.</summary>
    ShortCircuit,

    /// <summary>Its own condition, <c>run_if</c> or <c>skip_if</c>.</summary>
    Condition,

    /// <summary>Its command ended with an exit code that means so.</summary>
    ExitCode,

    /// <summary>The run's time was up before it ended.</summary>
    Timeout,

    /// <summary>Another task failed before it began, in a run that ends then.</summary>
    FailFast,

    /// <summary>A person cancelled the run, or marked it failed, before the task began.</summary>
    Cancelled,

    /// <summary>A person marked the task skipped.</summary>
    Marked,

    /// <summary>It is mapped over a list without items.</summary>
    NoItems,
}

/// <summary>The run ends before its tasks did; events of the tasks follow.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Task">The task whose failure stopped it; null for none.</param>
/// <param name="At">When (UTC).</param>
public sealed record RunStopped(StopReason Reason, string? Task, DateTimeOffset At) : RunEvent(At)
{
    /// <summary>The person who stopped it: the name of the caller's token; null when nobody did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? By { get; init; }

    /// <summary>Why, in that person's words; null when nothing was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
}

/// <summary>Why a run was stopped.</summary>
public enum StopReason
{
    /// <summary>Its <c>dagrun_timeout</c> was over.</summary>
    Timeout,

    /// <summary>A task failed, and the DAG says <c>fail_fast</c>.</summary>
    FailFast,

    /// <summary>A person cancelled it.</summary>
    Cancelled,

    /// <summary>A person marked it failed, also after its end.</summary>
    MarkedFailed,
}

/// <summary>An attempt is stopped with its run; what its executor still reports decides nothing.</summary>
/// <param name="Task">The task, which is skipped when the run's time was up, else failed.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Queue">The executor queue it was sent to.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskStopped(string Task, int Attempt, string Queue, StopReason Reason, DateTimeOffset At)
    : RunEvent(At);

/// <summary>The task's trigger rule can no longer be met, because something upstream failed.</summary>
public sealed record TaskUpstreamFailed(string Task, DateTimeOffset At) : RunEvent(At);

/// <summary>
/// A failed task is to be tried again with another memory limit; a run that had ended goes on, and what was given up
/// behind the task is open again.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="FailedAttempt">The attempt whose failure this answers.</param>
/// <param name="MemoryMiB">The limit from now on, MiB.</param>
/// <param name="CaseId">The healer's case that asked.</param>
/// <param name="Reopened">Tasks behind it that were given up and wait again.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskCleared(
    string Task,
    int FailedAttempt,
    int MemoryMiB,
    string CaseId,
    IReadOnlyList<string> Reopened,
    DateTimeOffset At
) : RunEvent(At);

/// <summary>Every task has ended. It carries what others need to know of the run, since a message is made of it
/// alone.</summary>
/// <param name="Outcome">How.</param>
/// <param name="At">When (UTC).</param>
/// <param name="End">Which end of the run this is, from 1; a run that is reopened ends again.</param>
/// <param name="LogicalDate">The instant the run stands for (UTC).</param>
/// <param name="QueuedAt">When the run was queued (UTC).</param>
/// <param name="Failed">Of a run that failed: tasks that failed themselves, at most <see cref="MostFailed"/>, those
/// killed for memory first.</param>
/// <param name="FailedCount">How many did.</param>
public sealed record RunFinished(
    RunOutcome Outcome,
    DateTimeOffset At,
    int End,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    IReadOnlyList<FailedTask> Failed,
    int FailedCount
) : RunEvent(At)
{
    /// <summary>Why it was stopped before its tasks had ended; null when it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StopReason? Stopped { get; init; }

    /// <summary>The next run of the DAG begins now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsContinuous { get; init; }

    /// <summary>Of a run that failed: only because a person ended it or its tasks. That is no failure to heal, and
    /// nobody is called.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FailedByPerson { get; init; }

    /// <summary>Failed tasks named at most.</summary>
    public const int MostFailed = 20;
}

/// <summary>A task that failed for good.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Its last attempt.</param>
/// <param name="Failure">Why.</param>
/// <param name="MemoryMiB">The limit that attempt ran with, MiB.</param>
public sealed record FailedTask(string Task, int Attempt, TaskFailure Failure, int MemoryMiB);
