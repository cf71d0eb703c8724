using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Backfills;

/// <summary>Asks for a backfill.</summary>
/// <param name="DagId">The DAG; required.</param>
/// <param name="FromDate">The first logical date wanted; required.</param>
/// <param name="ToDate">The last one wanted, itself included; required, and not in the future.</param>
/// <param name="RunBackwards">The latest date first; false by default.</param>
/// <param name="DagRunConf">Values for the DAG's parameters.</param>
/// <param name="ReprocessBehavior">What is done with dates that have a run: none (the default), failed or
/// completed.</param>
/// <param name="MaxActiveRuns">Runs under way at the same time, 1 to 1000; 10 by default.</param>
sealed record BackfillRequest(
    [property: JsonPropertyName("dag_id")] string? DagId,
    [property: JsonPropertyName("from_date")] DateTimeOffset? FromDate,
    [property: JsonPropertyName("to_date")] DateTimeOffset? ToDate,
    [property: JsonPropertyName("run_backwards")] bool? RunBackwards,
    [property: JsonPropertyName("dag_run_conf")] IReadOnlyDictionary<string, JsonElement>? DagRunConf,
    [property: JsonPropertyName("reprocess_behavior")] string? ReprocessBehavior,
    [property: JsonPropertyName("max_active_runs")] int? MaxActiveRuns
)
{
    /// <summary>As in Airflow.</summary>
    const int DefaultMaxActiveRuns = 10;

    /// <exception cref="RejectedException"><c>invalid_dag_id</c></exception>
    public string Dag() => DagId ?? throw Missing("dag_id", "the name of a DAG");

    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the field.</exception>
    public BackfillRange Range() =>
        new(
            FromDate?.ToUniversalTime() ?? throw Missing("from_date", "the first logical date wanted"),
            ToDate?.ToUniversalTime() ?? throw Missing("to_date", "the last logical date wanted"),
            RunBackwards ?? false,
            (ReprocessBehavior ?? "none") switch
            {
                "none" => Backfills.ReprocessBehavior.None,
                "failed" => Backfills.ReprocessBehavior.Failed,
                "completed" => Backfills.ReprocessBehavior.Completed,
                var other => throw new RejectedException(
                    "invalid_reprocess_behavior",
                    $"'reprocess_behavior' is '{other}'; give one of none, failed, completed"
                ),
            },
            MaxActiveRuns ?? DefaultMaxActiveRuns
        );

    static RejectedException Missing(string field, string what) =>
        new($"invalid_{field}", $"'{field}' is missing; give {what}");
}

/// <summary>
/// A backfill. Times are UTC. <paramref name="State"/>: running, paused, completed or cancelled.
/// <paramref name="TotalDates"/> counts all its dates, and the counts behind it those that it asked a run for, left
/// out, and whose runs succeeded or failed.
/// </summary>
sealed record BackfillBody(
    long Id,
    string DagId,
    string DagDisplayName,
    DateTimeOffset FromDate,
    DateTimeOffset ToDate,
    bool RunBackwards,
    IReadOnlyDictionary<string, JsonElement> DagRunConf,
    string ReprocessBehavior,
    int MaxActiveRuns,
    bool IsPaused,
    string State,
    int TotalDates,
    int RequestedRuns,
    int SkippedDates,
    int SucceededRuns,
    int FailedRuns,
    string TriggeredBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? CompletedAt
)
{
    public static BackfillBody Of(BackfillRow x) =>
        new(
            x.BackfillId,
            x.DagId,
            x.DagId,
            x.FromDate,
            x.ToDate,
            x.RunBackwards,
            x.Conf,
            x.Reprocess.ToString().ToLowerInvariant(),
            x.MaxActiveRuns,
            x.IsPaused,
            x switch
            {
                { IsCancelled: true } => "cancelled",
                { CompletedAt: not null } => "completed",
                { IsPaused: true } => "paused",
                _ => "running",
            },
            x.Dates,
            x.Requested,
            x.Skipped,
            x.Succeeded,
            x.Failed,
            x.By,
            x.CreatedAt,
            x.UpdatedAt,
            x.CompletedAt
        );
}

/// <summary>A page of backfills.</summary>
/// <param name="Backfills">The backfills.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
sealed record BackfillCollection(
    IReadOnlyList<BackfillBody> Backfills,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
);

/// <summary>A date of a dry run.</summary>
sealed record DryRunDate(DateTimeOffset LogicalDate);

/// <summary>A date that would get no run. <paramref name="Reason"/>: already exists, or in flight.</summary>
sealed record DryRunSkip(DateTimeOffset LogicalDate, string Reason);

/// <summary>What a backfill would do.</summary>
/// <param name="Backfills">The dates that would be run, in order; the name is Airflow's.</param>
/// <param name="TotalEntries">How many.</param>
/// <param name="Skipped">The dates that would not be.</param>
sealed record DryRunBody(IReadOnlyList<DryRunDate> Backfills, int TotalEntries, IReadOnlyList<DryRunSkip> Skipped)
{
    public static DryRunBody Of(IReadOnlyList<BackfillPlan> plan)
    {
        var run = plan.Where(x => x.Skip is null).Select(x => new DryRunDate(x.LogicalDate)).ToList();
        return new(
            run,
            run.Count,
            [.. plan.Where(x => x.Skip is not null).Select(x => new DryRunSkip(x.LogicalDate, Words(x.Skip!.Value)))]
        );
    }

    static string Words(DateSkipReason reason) => reason is DateSkipReason.InFlight ? "in flight" : "already exists";
}
