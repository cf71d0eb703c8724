using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// A person ended a task before it had. It has failed, and what its executor still reports decides nothing.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Its latest attempt; 0 before the first.</param>
/// <param name="Queue">The executor queue of the attempt that is stopped; null when none was under way.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="Note">Why, in that person's words; null when nothing was given.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskCancelled(string Task, int Attempt, string? Queue, string By, string? Note, DateTimeOffset At)
    : RunEvent(At);

/// <summary>
/// A person gave a task a state. An attempt that was under way is stopped, and what its executor still reports decides
/// nothing.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="State">Success, failed or skipped.</param>
/// <param name="Attempt">Its latest attempt; 0 before the first.</param>
/// <param name="Queue">The executor queue of the attempt that is stopped; null when none was under way.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="Note">Why, in that person's words; null when nothing was given.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskMarked(
    string Task,
    TaskState State,
    int Attempt,
    string? Queue,
    string By,
    string? Note,
    DateTimeOffset At
) : RunEvent(At)
{
    /// <summary>True when the whole run was marked; <see cref="RunMarkedSuccess"/> comes before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WithRun { get; init; }
}

/// <summary>
/// Tasks are to run again. Attempts go on counting, and their retries begin anew. A run that had ended goes on, and has
/// its whole <c>dagrun_timeout</c> again.
/// </summary>
/// <param name="Tasks">Which, in topological order.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="Note">Why, in that person's words; null when nothing was given.</param>
/// <param name="At">When (UTC).</param>
public sealed record TasksCleared(IReadOnlyList<ClearedTask> Tasks, string By, string? Note, DateTimeOffset At)
    : RunEvent(At)
{
    /// <summary>The caller's idempotency key; null when none was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>True for tasks that had been given up behind one that was marked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool BehindMark { get; init; }

    /// <summary>Mapped tasks of which every instance is cleared: they get their instances anew when their turn comes,
    /// perhaps more or fewer. Null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? MappedAgain { get; init; }
}

/// <summary>A task that is to run again.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Its latest attempt; 0 before the first.</param>
/// <param name="Queue">The executor queue of the attempt that is stopped; null when none was under way.</param>
public sealed record ClearedTask(string Task, int Attempt, string? Queue);

/// <summary>
/// The run goes on with another version of its DAG, whose tasks a person cleared; <see cref="TasksCleared"/> comes before
/// it. Tasks of both versions keep where they stand.
/// </summary>
/// <param name="DagVersion">The version it has from now on.</param>
/// <param name="Plan">The tasks, in topological order.</param>
/// <param name="Params">The parameters of that version: the run's values, and defaults of those that are new.</param>
/// <param name="Added">The tasks that it did not have.</param>
/// <param name="Removed">The tasks that it has no more: what they did can still be read.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="At">When (UTC).</param>
public sealed record RunReplanned(
    string DagVersion,
    Plan Plan,
    IReadOnlyDictionary<string, string?> Params,
    IReadOnlyList<string> Added,
    IReadOnlyList<string> Removed,
    string By,
    DateTimeOffset At
) : RunEvent(At)
{
    /// <inheritdoc cref="RunQueued.DagRunTimeout"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? DagRunTimeout { get; init; }

    /// <inheritdoc cref="RunQueued.FailFast"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FailFast { get; init; }

    /// <inheritdoc cref="RunQueued.MaxConsecutiveFailedDagRuns"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxConsecutiveFailedDagRuns { get; init; }

    /// <inheritdoc cref="RunQueued.MaxActiveTasks"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxActiveTasks { get; init; }

    /// <inheritdoc cref="RunQueued.TypedParams"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? TypedParams { get; init; }
}

/// <summary>
/// A person says that the run has succeeded; <see cref="TaskMarked"/> follows for the tasks that had not.
/// </summary>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="Note">Why, in that person's words; null when nothing was given.</param>
/// <param name="At">When (UTC).</param>
public sealed record RunMarkedSuccess(string By, string? Note, DateTimeOffset At) : RunEvent(At);

/// <summary>A person left a note on the run, in place of the one before.</summary>
/// <param name="Note">The note.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="At">When (UTC).</param>
public sealed record RunNoted(string Note, string By, DateTimeOffset At) : RunEvent(At);

/// <summary>A person left a note on a task of the run, in place of the one before.</summary>
/// <param name="Task">The task.</param>
/// <param name="Note">The note.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="At">When (UTC).</param>
public sealed record TaskNoted(string Task, string Note, string By, DateTimeOffset At) : RunEvent(At);
