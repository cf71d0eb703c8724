using System.Text.Json;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary>One row per backfill in lists. Disposable: rebuilt from the streams at any time.</summary>
/// <param name="Id">The backfill's stream.</param>
/// <param name="BackfillId">Its number.</param>
/// <param name="DagId">Its DAG.</param>
/// <param name="FromDate">The first logical date wanted (UTC).</param>
/// <param name="ToDate">The last one wanted (UTC).</param>
/// <param name="RunBackwards">The latest date first.</param>
/// <param name="Reprocess">What is done with dates that have a run.</param>
/// <param name="MaxActiveRuns">How many of its runs may be under way at the same time.</param>
/// <param name="Conf">Values for the DAG's parameters.</param>
/// <param name="By">Who asked.</param>
/// <param name="Dates">How many dates it has.</param>
/// <param name="CreatedAt">When (UTC).</param>
/// <param name="UpdatedAt">Its latest event (UTC).</param>
public sealed record BackfillRow(
    string Id,
    long BackfillId,
    string DagId,
    DateTimeOffset FromDate,
    DateTimeOffset ToDate,
    bool RunBackwards,
    ReprocessBehavior Reprocess,
    int MaxActiveRuns,
    IReadOnlyDictionary<string, JsonElement> Conf,
    string By,
    int Dates,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt
)
{
    /// <summary>Runs it asked for.</summary>
    public int Requested { get; init; }

    /// <summary>Dates it left out.</summary>
    public int Skipped { get; init; }

    /// <summary>Runs that succeeded.</summary>
    public int Succeeded { get; init; }

    /// <summary>Runs that failed, or could not be made.</summary>
    public int Failed { get; init; }

    /// <summary>It makes no further runs for now.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Somebody ended it.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>When it ended (UTC); null while it goes on.</summary>
    public DateTimeOffset? CompletedAt { get; init; }
}

/// <summary>Keeps <see cref="BackfillRow"/> in the same transaction as the events.</summary>
public sealed partial class BackfillRowProjection : SingleStreamProjection<BackfillRow, string>
{
    /// <summary>Looks at the events of backfills and at no others.</summary>
    public BackfillRowProjection()
    {
        IncludeType<BackfillCreated>();
        IncludeType<BackfillRunRequested>();
        IncludeType<BackfillDateSkipped>();
        IncludeType<BackfillRunRefused>();
        IncludeType<BackfillRunEnded>();
        IncludeType<BackfillPaused>();
        IncludeType<BackfillUnpaused>();
        IncludeType<BackfillCancelled>();
        IncludeType<BackfillCompleted>();
    }

    /// <inheritdoc/>
    public override BackfillRow? Evolve(BackfillRow? snapshot, string id, IEvent e) =>
        (snapshot, e.Data) switch
        {
            (_, BackfillCreated x) => new(
                id,
                x.BackfillId,
                x.DagId,
                x.FromDate,
                x.ToDate,
                x.RunBackwards,
                x.Reprocess,
                x.MaxActiveRuns,
                x.Conf,
                x.By,
                x.Dates.Count,
                x.At,
                x.At
            ),
            ({ } row, BackfillEvent x) => Evolve(row, x) with { UpdatedAt = x.At },
            _ => snapshot,
        };

    static BackfillRow Evolve(BackfillRow row, BackfillEvent e) =>
        e switch
        {
            BackfillRunRequested => row with { Requested = row.Requested + 1 },
            BackfillDateSkipped => row with { Skipped = row.Skipped + 1 },
            BackfillRunEnded { Outcome: RunOutcome.Succeeded } => row with { Succeeded = row.Succeeded + 1 },
            BackfillRunEnded or BackfillRunRefused => row with { Failed = row.Failed + 1 },
            BackfillPaused => row with { IsPaused = true },
            BackfillUnpaused => row with { IsPaused = false },
            BackfillCancelled x => row with { IsCancelled = true, CompletedAt = x.At },
            BackfillCompleted x => row with { CompletedAt = x.At },
            _ => row,
        };
}
