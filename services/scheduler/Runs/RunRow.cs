using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Nightshift.Scheduler.Runs;

/// <summary>One row per run in lists. Disposable: rebuilt from the streams at any time.</summary>
/// <param name="Id">The run's stream.</param>
/// <param name="DagId">Its DAG.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="LogicalDate">The instant it stands for (UTC).</param>
/// <param name="QueuedAt">When it was queued (UTC).</param>
/// <param name="FinishedAt">When it ended (UTC); null while it runs.</param>
/// <param name="Outcome">How it ended; null while it runs.</param>
public sealed record RunRow(
    string Id,
    string DagId,
    RunType Type,
    DateTimeOffset LogicalDate,
    DateTimeOffset QueuedAt,
    DateTimeOffset? FinishedAt,
    RunOutcome? Outcome
)
{
    /// <summary>What it covers; null for a run that covers nothing.</summary>
    public DataInterval? Interval { get; init; }

    /// <summary>When it may start at the earliest (UTC): by default when it was queued.</summary>
    public DateTimeOffset? RunAfter { get; init; }

    /// <summary>When its tasks could begin (UTC); null while it waits for that.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The backfill that asked for it; null for another cause.</summary>
    public long? BackfillId { get; init; }

    /// <summary>When this row changed last (UTC).</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Seconds from start to end; null while it has not ended, and when it never started.</summary>
    public double? Duration => (FinishedAt - StartedAt)?.TotalSeconds;

    /// <summary>Why it exists, for people; null in rows of earlier versions.</summary>
    public string? Cause { get; init; }

    /// <summary>The version of the DAG it keeps; null in rows of earlier versions.</summary>
    public string? DagVersion { get; init; }

    /// <summary>What a person noted about it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Why it ended before its tasks did; null when it did not.</summary>
    public StopReason? Stopped { get; init; }

    /// <summary>The person who cancelled or marked it; null when nobody did.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Airflow's word for where it stands: queued, running, success or failed.</summary>
    public string State =>
        Outcome switch
        {
            RunOutcome.Succeeded => "success",
            RunOutcome.Failed => "failed",
            _ when StartedAt is null => "queued",
            _ => "running",
        };
}

/// <summary>
/// Keeps <see cref="RunRow"/> in the same transaction as the events: whoever starts a run finds it in the list at once.
/// </summary>
public sealed partial class RunRowProjection : SingleStreamProjection<RunRow, string>
{
    /// <summary>Looks at the events that change a row and at no others.</summary>
    public RunRowProjection()
    {
        IncludeType<RunQueued>();
        IncludeType<RunStarted>();
        IncludeType<TaskCleared>();
        IncludeType<TasksCleared>();
        IncludeType<RunReplanned>();
        IncludeType<RunStopped>();
        IncludeType<RunMarkedSuccess>();
        IncludeType<RunNoted>();
        IncludeType<RunFinished>();
    }

    /// <inheritdoc/>
    public override RunRow? Evolve(RunRow? snapshot, string id, IEvent e) =>
        (snapshot, e.Data) switch
        {
            (_, RunQueued x) => Queued(id, x),
            ({ } row, RunEvent x) => Evolve(row, x) with { UpdatedAt = x.At },
            _ => snapshot,
        };

    static RunRow Queued(string id, RunQueued x) =>
        new(id, x.DagId, x.Type, x.LogicalDate, x.At, FinishedAt: null, Outcome: null)
        {
            Interval = x.Interval,
            RunAfter = x.RunAfter ?? x.At,
            StartedAt = x.RunAfter is null ? x.At : null,
            BackfillId = x.BackfillId,
            UpdatedAt = x.At,
            Cause = x.Cause,
            DagVersion = x.DagVersion,
            Note = x.Note,
        };

    // As Run does it.
    static RunRow Evolve(RunRow row, RunEvent e) =>
        e switch
        {
            RunStarted x => row with { StartedAt = x.At },
            TaskCleared x => Reopened(row, x.At),
            TasksCleared x => Reopened(row, x.At) with { Note = x.Note ?? row.Note },
            RunReplanned x => row with { DagVersion = x.DagVersion },
            RunStopped x => row with
            {
                Stopped = IsStoppedByPerson(row) && x.By is null ? row.Stopped : x.Reason,
                EndedBy = x.By ?? row.EndedBy,
                Note = x.Note ?? row.Note,
            },
            RunMarkedSuccess x => row with { Stopped = null, EndedBy = x.By, Note = x.Note ?? row.Note },
            RunNoted x => row with { Note = x.Note },
            RunFinished x => row with { FinishedAt = x.At, Outcome = x.Outcome },
            _ => row,
        };

    static bool IsStoppedByPerson(RunRow row) => row.Stopped is StopReason.Cancelled or StopReason.MarkedFailed;

    static RunRow Reopened(RunRow row, DateTimeOffset at) =>
        row with
        {
            FinishedAt = null,
            Outcome = null,
            Stopped = null,
            EndedBy = null,
            StartedAt = row.Outcome is null ? row.StartedAt : row.StartedAt ?? at,
        };
}
