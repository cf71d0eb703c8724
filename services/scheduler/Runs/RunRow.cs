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

    /// <summary>When it may start at the earliest (UTC); null for a run that started when it was queued.</summary>
    public DateTimeOffset? RunAfter { get; init; }

    /// <summary>When its tasks could begin (UTC); null while it waits for that.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The backfill that asked for it; null for another cause.</summary>
    public long? BackfillId { get; init; }

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
        IncludeType<RunFinished>();
    }

    /// <inheritdoc/>
    public override RunRow? Evolve(RunRow? snapshot, string id, IEvent e) =>
        (snapshot, e.Data) switch
        {
            (_, RunQueued x) => new(id, x.DagId, x.Type, x.LogicalDate, x.At, FinishedAt: null, Outcome: null)
            {
                Interval = x.Interval,
                RunAfter = x.RunAfter,
                StartedAt = x.RunAfter is null ? x.At : null,
                BackfillId = x.BackfillId,
            },
            ({ } row, RunStarted x) => row with { StartedAt = x.At },
            ({ } row, TaskCleared x) => Reopened(row, x.At),
            ({ } row, TasksCleared x) => Reopened(row, x.At),
            ({ } row, RunFinished x) => row with { FinishedAt = x.At, Outcome = x.Outcome },
            _ => snapshot,
        };

    // As Run does it.
    static RunRow Reopened(RunRow row, DateTimeOffset at) =>
        row with
        {
            FinishedAt = null,
            Outcome = null,
            StartedAt = row.Outcome is null ? row.StartedAt : row.StartedAt ?? at,
        };
}
