using System.Text.Json;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary>Asks for the runs of a time that is past.</summary>
/// <param name="BackfillId">The number it gets.</param>
/// <param name="Dag">The DAG as it is now.</param>
/// <param name="Range">Which dates, and how they are run.</param>
/// <param name="Conf">Values for the DAG's parameters.</param>
/// <param name="By">Who asks.</param>
/// <param name="ActiveBackfillId">The DAG's backfill that has not ended; null for none.</param>
/// <param name="At">When (UTC).</param>
public sealed record CreateBackfill(
    long BackfillId,
    DagSpec Dag,
    BackfillRange Range,
    IReadOnlyDictionary<string, JsonElement> Conf,
    string By,
    long? ActiveBackfillId,
    DateTimeOffset At
);

/// <summary>Which dates, and how they are run.</summary>
/// <param name="FromDate">The first logical date wanted (UTC).</param>
/// <param name="ToDate">The last one wanted (UTC), itself included.</param>
/// <param name="RunBackwards">The latest date first.</param>
/// <param name="Reprocess">What is done with dates that have a run.</param>
/// <param name="MaxActiveRuns">Runs under way at the same time, 1 to 1000.</param>
public sealed record BackfillRange(
    DateTimeOffset FromDate,
    DateTimeOffset ToDate,
    bool RunBackwards,
    ReprocessBehavior Reprocess,
    int MaxActiveRuns
);

/// <summary>The latest run that a date has.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Outcome">How it ended; null while it is queued or running.</param>
public sealed record LatestRun(RunId RunId, RunOutcome? Outcome);

/// <summary>Goes on with a backfill.</summary>
/// <param name="Ended">Its active runs that have ended.</param>
/// <param name="Known">How many of the dates to come were looked at; those behind them are left for later.</param>
/// <param name="Latest">The latest run of each of those dates that has any, by logical date.</param>
/// <param name="At">When (UTC).</param>
public sealed record AdvanceBackfill(
    IReadOnlyDictionary<RunId, RunOutcome> Ended,
    int Known,
    IReadOnlyDictionary<DateTimeOffset, LatestRun> Latest,
    DateTimeOffset At
);

/// <summary>A run that was requested cannot be made.</summary>
public sealed record RefuseBackfillRun(RunId RunId, string Why, DateTimeOffset At);

/// <summary>Makes no further runs for now.</summary>
public sealed record PauseBackfill(string By, DateTimeOffset At);

/// <summary>Goes on after a pause.</summary>
public sealed record UnpauseBackfill(string By, DateTimeOffset At);

/// <summary>Ends a backfill.</summary>
public sealed record CancelBackfill(string By, DateTimeOffset At);
