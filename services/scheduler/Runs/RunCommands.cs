using System.Text.Json;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>Start a run of a DAG as it is now. A run that exists is left alone.</summary>
public sealed record StartRun(
    RunId RunId,
    DagSpec Dag,
    string DagVersion,
    RunType Type,
    string Cause,
    DateTimeOffset LogicalDate,
    DataInterval? Interval,
    IReadOnlyDictionary<string, string?> Params,
    IReadOnlyDictionary<string, string> Trigger,
    DateTimeOffset At
)
{
    /// <summary>The next run of the DAG begins when this one has ended.</summary>
    public bool IsContinuous { get; init; }

    /// <summary>Not before this instant (UTC); null for at once.</summary>
    public DateTimeOffset? RunAfter { get; init; }

    /// <summary>What a person wrote about it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The DAG is paused: the run waits until it is unpaused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The backfill that asks; null for another cause. It limits its runs itself.</summary>
    public long? BackfillId { get; init; }

    /// <summary>Values for parameters that the DAG declares with more than a default; null for none.</summary>
    public IReadOnlyDictionary<string, JsonElement>? TypedParams { get; init; }

    /// <summary>True when the run does not start with its first event: it is admitted later.</summary>
    public bool Waits =>
        BackfillId is null && (Dag is not { MaxActiveRuns: null, Requires: null } || RunAfter > At || IsPaused);
}

/// <summary>A run that was queued is admitted.</summary>
public sealed record BeginRun(DateTimeOffset At);

/// <summary>An executor started an attempt.</summary>
public sealed record ReportStart(string Task, int Attempt, DateTimeOffset At);

/// <summary>An executor finished an attempt.</summary>
public sealed record ReportAttempt(
    string Task,
    int Attempt,
    bool Succeeded,
    string Reason,
    string Detail,
    int MemoryMiB,
    IReadOnlyDictionary<string, string> Outputs,
    DateTimeOffset At,
    bool Infrastructure = false
)
{
    /// <summary>The process's exit code; null when no process ever ran.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Outputs that are stored beside the run's stream, by name; null when there are none.</summary>
    public IReadOnlyDictionary<string, ValueReference>? StoredOutputs { get; init; }
}

/// <summary>The wait before an attempt is over.</summary>
public sealed record RetryDue(string Task, int Attempt, DateTimeOffset At);

/// <summary>What some tasks wait for in the previous run has come.</summary>
public sealed record PastDone(IReadOnlyCollection<string> Tasks, DateTimeOffset At);

/// <summary>A scheduled task was granted what it asked for with that request.</summary>
public sealed record StartScheduled(string Task, int Request, DateTimeOffset At);

/// <summary>The run's time is up.</summary>
public sealed record RunTimeoutDue(DateTimeOffset At);

/// <summary>Try a failed task again with another memory limit.</summary>
public sealed record ClearTask(string Task, int FailedAttempt, int MemoryMiB, string CaseId, DateTimeOffset At);
