using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Mapping;

namespace Nightshift.Scheduler.Runs;

/// <summary>Where a task instance stands. Words are Airflow's.</summary>
public enum TaskState
{
    None,

    /// <summary>Ready, and waiting for slots of its pool or for room in its limits.</summary>
    Scheduled,
    Queued,
    Running,
    Success,
    Failed,
    UpForRetry,
    UpstreamFailed,
    Skipped,

    /// <summary>An instance of a mapped task that its latest mapping has no item for. It counts for nothing, and keeps
    /// its attempts.</summary>
    Removed,
}

/// <summary>One task of one run.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">The latest attempt; 0 before the first.</param>
/// <param name="MemoryMiB">The memory limit of the next attempt, MiB.</param>
/// <param name="Upstream">How the tasks it needs have ended so far.</param>
/// <param name="Outputs">What it handed on, without what is stored beside the stream.</param>
/// <param name="StartedAt">When the latest attempt was queued or started (UTC).</param>
/// <param name="EndedAt">When the latest attempt ended (UTC).</param>
/// <param name="ClearedAt">The attempt count at which it was last cleared; its retries count from there.</param>
/// <param name="Requeued">Attempts since then that ended through a fault of the infrastructure; they use up no
/// retries.</param>
public sealed record TaskInstance(
    TaskState State,
    int Attempt,
    int MemoryMiB,
    UpstreamCounts Upstream,
    IReadOnlyDictionary<string, string> Outputs,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? EndedAt = null,
    int ClearedAt = 0,
    int Requeued = 0
)
{
    /// <summary>Why its latest attempt failed; null when it has not.</summary>
    public TaskFailure? Failure { get; init; }

    /// <summary>What it handed on that is stored beside the stream, by name; null when there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ValueReference>? StoredOutputs { get; init; }

    /// <inheritdoc cref="TaskSucceeded.JsonOutputs"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? JsonOutputs { get; init; }

    /// <summary>True when it handed on an output of that name.</summary>
    public bool HandedOn(string output) => Outputs.ContainsKey(output) || StoredOutputs?.ContainsKey(output) is true;

    /// <summary>Why it is skipped; null when it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskSkip? Skip { get; init; }

    /// <summary>True while it is ready and waits for the previous run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WaitsForPast { get; init; }

    /// <summary>What a person noted about it; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>True while an executor may be at work on it.</summary>
    [JsonIgnore]
    public bool IsUnderWay => State is TaskState.Queued or TaskState.Running;

    /// <summary>How often it has asked for slots; a grant names the latest request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Requests { get; init; }

    /// <summary>True when it will not change by itself.</summary>
    [JsonIgnore]
    public bool Ended =>
        State
            is TaskState.Success
                or TaskState.Failed
                or TaskState.UpstreamFailed
                or TaskState.Skipped
                or TaskState.Removed;

    /// <summary>What an instance of a mapped task is called, by <c>map_index_template</c>; null when it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RenderedMapIndex { get; init; }
}

/// <summary>Why a task is skipped.</summary>
/// <param name="Reason">Why.</param>
/// <param name="By">The task, or the person, that did it; null for none.</param>
public sealed record TaskSkip(SkipReason Reason, string? By)
{
    /// <summary>For people.</summary>
    public override string ToString() =>
        Reason switch
        {
            SkipReason.Branch => $"'{By}' did not choose it",
            SkipReason.ShortCircuit => $"'{By}' short-circuited",
            SkipReason.Condition => "its condition did not hold",
            SkipReason.ExitCode => "its exit code",
            SkipReason.NoItems => "its for_each has no items",
            SkipReason.Timeout => "the run's time was up",
            SkipReason.FailFast => $"'{By}' failed",
            SkipReason.Cancelled => "the run was cancelled",
            SkipReason.Marked => $"marked by {By}",
            _ => "its trigger rule",
        };
}

/// <summary>Why an attempt of a task failed.</summary>
/// <param name="Reason">One word: <c>exit</c>, <c>oom</c>, <c>template</c> …</param>
/// <param name="Detail">One line for a person, cut to <see cref="LongestDetail"/>.</param>
public sealed record TaskFailure(string Reason, string Detail)
{
    /// <summary>Characters kept of the detail: a run holds one of each failed task. The event has all of it.</summary>
    public const int LongestDetail = 200;

    /// <summary>The reason of an attempt that was stopped with its run.</summary>
    public const string Stopped = "stopped";

    /// <summary>The reason of a task that a person cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The reason of a task that a person marked failed.</summary>
    public const string Marked = "marked";

    /// <summary>True when a person failed the task, and it did not fail itself.</summary>
    [JsonIgnore]
    public bool IsByPerson => Reason is Cancelled or Marked;

    /// <summary>Of what an event says.</summary>
    public static TaskFailure Of(string reason, string detail) => new(reason, Cut(detail, LongestDetail));

    /// <summary><c>reason (detail)</c>, or the reason alone.</summary>
    public override string ToString() => Detail.Length > 0 ? $"{Reason} ({Detail})" : Reason;

    /// <summary>The beginning of a text, never half a pair at its end.</summary>
    internal static string Cut(string text, int longest) =>
        text.Length <= longest ? text
        : char.IsHighSurrogate(text[longest - 1]) ? text[..(longest - 1)]
        : text[..longest];
}

/// <summary>One run, folded from its events.</summary>
public sealed partial record Run(
    RunQueued? Queued,
    ImmutableDictionary<string, TaskInstance> Tasks,
    int Open,
    int FailedLeaves,
    RunOutcome? Outcome,
    DateTimeOffset? FinishedAt
)
{
    /// <summary>Why it ends before its tasks do; null when it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StopReason? Stopped { get; init; }

    /// <summary>When its time is up (UTC); null for never. Counts again when it is reopened.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? TimeoutAt { get; init; }

    /// <summary>When its tasks could begin (UTC); null while it is queued.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>True while it is queued: none of its tasks begins before it is admitted.</summary>
    [JsonIgnore]
    public bool IsWaiting => this is { Queued.RunAfter: not null, StartedAt: null, Outcome: null };

    /// <summary>The person who cancelled or marked it; null when nobody did, or it was cleared since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndedBy { get; init; }

    /// <summary>What a person noted about it; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>The idempotency key of the latest request that cleared tasks; null when it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClearKey { get; init; }

    /// <summary>True when a person ends it.</summary>
    [JsonIgnore]
    public bool IsStoppedByPerson => Stopped is StopReason.Cancelled or StopReason.MarkedFailed;

    /// <summary>How often it has ended; more than once when it was reopened.</summary>
    public int Ends { get; init; }

    static readonly IReadOnlyDictionary<string, string> NoOutputs = ImmutableDictionary<string, string>.Empty;

    /// <summary>Before the first event.</summary>
    public static Run None { get; } = new(null, ImmutableDictionary<string, TaskInstance>.Empty, 0, 0, null, null);

    /// <summary>The plan it keeps.</summary>
    [JsonIgnore]
    public Plan Plan => Queued?.Plan ?? Plan.Empty;

    /// <summary>The task instance, or null when the run has no such task.</summary>
    public TaskInstance? Find(string task) => Tasks.GetValueOrDefault(task);

    /// <summary>The state after one more event.</summary>
    public static Run Evolve(Run run, object @event) =>
        @event switch
        {
            RunQueued x => Begin(x),
            RunStarted x => run with { StartedAt = x.At, TimeoutAt = x.At + run.Queued!.DagRunTimeout },
            TaskScheduled x => run.With(
                x.Task,
                t =>
                    t with
                    {
                        State = TaskState.Scheduled,
                        Requests = x.Request,
                        StartedAt = null,
                        EndedAt = null,
                        WaitsForPast = false,
                    }
            ),
            TaskQueued x => run.With(
                x.Task,
                t =>
                    t with
                    {
                        State = TaskState.Queued,
                        WaitsForPast = false,
                        Attempt = x.Attempt,
                        MemoryMiB = x.Work.MemoryMiB,
                        StartedAt = x.At,
                        EndedAt = null,
                        Failure = null,
                        RenderedMapIndex = x.RenderedMapIndex,
                    }
            ),
            TaskMapped x => run.Map(x),
            TaskWaitsForPast x => run.With(x.Task, t => t with { WaitsForPast = true }),
            TaskStarted x => run.With(x.Task, t => t with { State = TaskState.Running, StartedAt = x.At }),
            TaskUpForRetry x => run.With(
                x.Task,
                t =>
                    t with
                    {
                        State = TaskState.UpForRetry,
                        EndedAt = x.At,
                        Failure = TaskFailure.Of(x.Reason, x.Detail),
                    }
            ),
            TaskRequeued x => run.With(
                x.Task,
                t =>
                    t with
                    {
                        State = TaskState.UpForRetry,
                        EndedAt = x.At,
                        Requeued = t.Requeued + 1,
                        Failure = TaskFailure.Of(x.Reason, x.Detail),
                    }
            ),
            TaskSucceeded x => run.End(
                x.Task,
                TaskState.Success,
                x.At,
                t => t with { Outputs = x.Outputs, StoredOutputs = x.StoredOutputs, JsonOutputs = x.JsonOutputs }
            ),
            TaskFailed x => run.End(
                x.Task,
                TaskState.Failed,
                x.At,
                t => t with { Attempt = x.Attempt, Failure = TaskFailure.Of(x.Reason, x.Detail) }
            ),
            TaskSkipped x => run.End(x.Task, TaskState.Skipped, x.At, t => t with { Skip = new(x.Reason, x.By) }),
            RunStopped x => run.Stop(x),
            TaskStopped { Reason: StopReason.Timeout } x => run.End(
                x.Task,
                TaskState.Skipped,
                x.At,
                t => t with { Skip = new(SkipReason.Timeout, null) }
            ),
            TaskStopped x => run.End(
                x.Task,
                TaskState.Failed,
                x.At,
                t => t with { Failure = new(TaskFailure.Stopped, WhyStopped(x.Reason)) }
            ),
            TaskUpstreamFailed x => run.End(x.Task, TaskState.UpstreamFailed, x.At, t => t),
            TaskCleared x => run.Clear(x),
            TaskCancelled x => run.Cancel(x),
            TaskMarked x => run.Mark(x),
            TasksCleared x => run.Clear(x),
            RunReplanned x => run.Replan(x),
            RunMarkedSuccess x => run with { Stopped = null, EndedBy = x.By, Note = x.Note ?? run.Note },
            RunNoted x => run with { Note = x.Note },
            TaskNoted x => run.With(x.Task, t => t with { Note = x.Note }),
            RunFinished x => run with { Outcome = x.Outcome, FinishedAt = x.At, Ends = x.End },
            _ => run,
        };

    static Run Begin(RunQueued queued) =>
        None with
        {
            Queued = queued,
            Note = queued.Note,
            StartedAt = queued.RunAfter is null ? queued.At : null,
            TimeoutAt = queued.RunAfter is null ? queued.At + queued.DagRunTimeout : null,
            Open = queued.Plan.Tasks.Count,
            Tasks = queued.Plan.Tasks.ToImmutableDictionary(
                x => x.TaskId,
                x => new TaskInstance(TaskState.None, 0, x.MemoryMiB, NoneEnded(queued.Plan, x), NoOutputs)
            ),
        };

    static UpstreamCounts NoneEnded(Plan plan, TaskSpec task) =>
        new(task.Needs.Count, 0, 0, 0, 0) { Setups = task.Needs.Count(x => plan[x].Role is TaskRole.Setup) };

    Run With(string task, Func<TaskInstance, TaskInstance> change) =>
        this with
        {
            Tasks = Tasks.SetItem(task, change(Tasks[task])),
        };

    // One more end: the tasks behind it count it, nobody else is looked at.
    Run End(string task, TaskState state, DateTimeOffset at, Func<TaskInstance, TaskInstance> change) =>
        (
            With(task, t => change(t) with { State = state, EndedAt = at, WaitsForPast = false }) with
            {
                Open = Open - 1,
                FailedLeaves = FailedLeaves + FailedLeaf(task, state),
            }
        ).Count(task, state, +1);

    Run Clear(TaskCleared cleared)
    {
        var run = Reopened(cleared.At);
        foreach (var task in cleared.Reopened.Prepend(cleared.Task))
            run = run.Reset(task);
        return run.With(cleared.Task, t => t with { MemoryMiB = cleared.MemoryMiB });
    }

    // Goes on, with all its time again when it had ended. One that ended while it was queued starts: nothing would
    // admit it any more.
    Run Reopened(DateTimeOffset at) =>
        this with
        {
            StartedAt = Outcome is null ? StartedAt : StartedAt ?? at,
            Outcome = null,
            FinishedAt = null,
            Stopped = null,
            EndedBy = null,
            TimeoutAt = Outcome is null ? TimeoutAt : at + Queued!.DagRunTimeout,
        };

    // Attempts go on counting, retries begin anew.
    Run Reset(string task) =>
        Uncount(task)
            .With(
                task,
                t =>
                    t with
                    {
                        State = TaskState.None,
                        WaitsForPast = false,
                        EndedAt = null,
                        Failure = null,
                        Skip = null,
                        ClearedAt = t.Attempt,
                        Requeued = 0,
                    }
            );

    // Takes back what its end has counted.
    Run Uncount(string task) =>
        Tasks[task] is { Ended: true, State: var state }
            ? (this with { Open = Open + 1, FailedLeaves = FailedLeaves - FailedLeaf(task, state) }).Count(
                task,
                state,
                -1
            )
            : this;

    int FailedLeaf(string task, TaskState state) =>
        state is TaskState.Failed or TaskState.UpstreamFailed && Plan.IsEffectiveLeaf(task) ? 1 : 0;

    Run Count(string task, TaskState state, int by)
    {
        var isSetup = Plan[task].Role is TaskRole.Setup;
        return CountInstance(task, state, by).CountUpstream(Plan.After(task), x => Count(x, state, isSetup, by));
    }

    static UpstreamCounts Count(UpstreamCounts counts, TaskState state, bool isSetup, int by) =>
        state switch
        {
            TaskState.Success => counts with
            {
                Succeeded = counts.Succeeded + by,
                SetupsSucceeded = counts.SetupsSucceeded + (isSetup ? by : 0),
            },
            TaskState.Failed => counts with { Failed = counts.Failed + by },
            TaskState.Skipped => counts with
            {
                Skipped = counts.Skipped + by,
                SetupsSkipped = counts.SetupsSkipped + (isSetup ? by : 0),
            },
            _ => counts with { UpstreamFailed = counts.UpstreamFailed + by },
        };
}
