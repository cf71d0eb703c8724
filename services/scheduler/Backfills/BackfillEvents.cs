using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary>What a backfill does with dates that have a run already. Names and meaning are Airflow's.</summary>
public enum ReprocessBehavior
{
    /// <summary>Leaves them alone.</summary>
    None,

    /// <summary>Runs those again whose latest run failed.</summary>
    Failed,

    /// <summary>Runs those again whose latest run has ended, however it did.</summary>
    Completed,
}

/// <summary>Why a date of a backfill is left out.</summary>
public enum DateSkipReason
{
    /// <summary>Its latest run has ended in a way that is not to be reprocessed.</summary>
    AlreadyExists,

    /// <summary>Its latest run is queued or running.</summary>
    InFlight,
}

/// <summary>One run that a backfill may make.</summary>
/// <param name="Start">Its logical date (UTC): the start of what it covers.</param>
public sealed record BackfillDate(DateTimeOffset Start)
{
    /// <summary>The end of what it covers (UTC); null when that is an instant.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? End { get; init; }
}

/// <summary>A fact about one backfill. Stored for ever: add properties, never rename or repurpose one.</summary>
public abstract record BackfillEvent(DateTimeOffset At);

/// <summary>Somebody asked for the runs of a time that is past.</summary>
/// <param name="BackfillId">Its number.</param>
/// <param name="DagId">The DAG.</param>
/// <param name="FromDate">The first logical date wanted (UTC).</param>
/// <param name="ToDate">The last one wanted (UTC), itself included.</param>
/// <param name="RunBackwards">The latest date first.</param>
/// <param name="Reprocess">What is done with dates that have a run.</param>
/// <param name="MaxActiveRuns">How many of its runs may be under way at the same time.</param>
/// <param name="Conf">Values for the DAG's parameters, as JSON; of old events all are text or null.</param>
/// <param name="By">Who asked.</param>
/// <param name="Dates">The dates in the order in which they are run, fixed from now on.</param>
/// <param name="At">When (UTC).</param>
public sealed record BackfillCreated(
    long BackfillId,
    string DagId,
    DateTimeOffset FromDate,
    DateTimeOffset ToDate,
    bool RunBackwards,
    ReprocessBehavior Reprocess,
    int MaxActiveRuns,
    IReadOnlyDictionary<string, JsonElement> Conf,
    string By,
    IReadOnlyList<BackfillDate> Dates,
    DateTimeOffset At
) : BackfillEvent(At);

/// <summary>The run of the next date is to be made.</summary>
public sealed record BackfillRunRequested(RunId RunId, DateTimeOffset LogicalDate, DateTimeOffset At)
    : BackfillEvent(At);

/// <summary>The next date gets no run.</summary>
/// <param name="LogicalDate">The date (UTC).</param>
/// <param name="Reason">Why.</param>
/// <param name="RunId">The run it has.</param>
/// <param name="At">When (UTC).</param>
public sealed record BackfillDateSkipped(
    DateTimeOffset LogicalDate,
    DateSkipReason Reason,
    RunId RunId,
    DateTimeOffset At
) : BackfillEvent(At);

/// <summary>A run that was requested cannot be made.</summary>
public sealed record BackfillRunRefused(RunId RunId, string Why, DateTimeOffset At) : BackfillEvent(At);

/// <summary>A run of the backfill has ended.</summary>
public sealed record BackfillRunEnded(RunId RunId, RunOutcome Outcome, DateTimeOffset At) : BackfillEvent(At);

/// <summary>No further runs are made until it is unpaused; those that are under way go on.</summary>
public sealed record BackfillPaused(string By, DateTimeOffset At) : BackfillEvent(At);

/// <summary>It goes on.</summary>
public sealed record BackfillUnpaused(string By, DateTimeOffset At) : BackfillEvent(At);

/// <summary>Somebody ended it: no further runs are made, and those that are under way go on.</summary>
public sealed record BackfillCancelled(string By, DateTimeOffset At) : BackfillEvent(At);

/// <summary>Every date has been dealt with, and its runs have ended.</summary>
public sealed record BackfillCompleted(DateTimeOffset At) : BackfillEvent(At);
