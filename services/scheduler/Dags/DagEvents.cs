using Nightshift.Scheduler.Schedules;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// A fact about one DAG. Stored for ever: add properties, never rename or repurpose one. How far its schedule has come
/// is no event but a row, <see cref="TickCursor"/>; its history is its runs.
/// </summary>
public abstract record DagEvent(DateTimeOffset At);

/// <summary>A version of the DAG is live.</summary>
/// <param name="Spec">What its file says.</param>
/// <param name="Version">The hash of <paramref name="Spec"/>.</param>
/// <param name="File">The file's name inside the DAGs folder.</param>
/// <param name="NextTick">The tick with which the schedule begins (UTC); null when it goes on, has no tick to come, or
/// there is none.</param>
/// <param name="Resumes">True: the schedule is the one before, and goes on from where it stands.</param>
/// <param name="At">When it became live (UTC).</param>
public sealed record DagPublished(
    DagSpec Spec,
    string Version,
    string File,
    DateTimeOffset? NextTick,
    bool Resumes,
    DateTimeOffset At
) : DagEvent(At)
{
    /// <summary>What the run of <see cref="NextTick"/> covers; null when that is its tick alone.</summary>
    public DataInterval? NextInterval { get; init; }
}

/// <summary>The file is gone; nothing starts this DAG any more. Its runs go on.</summary>
public sealed record DagWithdrawn(DateTimeOffset At) : DagEvent(At);

/// <summary>
/// The schedule makes no runs, and other runs are queued, until it is unpaused. Runs under way go on.
/// </summary>
/// <param name="By">Who paused it; null when it happened by itself.</param>
/// <param name="FailedRuns">How many runs failed one after the other, when it happened by itself; null
/// otherwise.</param>
/// <param name="At">When (UTC).</param>
public sealed record DagPaused(string? By, int? FailedRuns, DateTimeOffset At) : DagEvent(At);

/// <summary>The schedule goes on, and what was queued begins.</summary>
/// <param name="By">Who unpaused it.</param>
/// <param name="At">When (UTC).</param>
public sealed record DagUnpaused(string By, DateTimeOffset At) : DagEvent(At);

/// <summary>
/// After an outage only the latest tick became a run, because the schedule does not catch up. One event for all of
/// them.
/// </summary>
/// <param name="First">The first tick without a run (UTC).</param>
/// <param name="Last">The last of them (UTC).</param>
/// <param name="At">When (UTC).</param>
public sealed record TicksSkipped(DateTimeOffset First, DateTimeOffset Last, DateTimeOffset At) : DagEvent(At);

/// <summary>
/// Ticks became no runs, because the run could not be made. While ticks go on to be refused for a reason of the same
/// kind, no more of these are written: the DAG's <c>schedule_problem</c> says that it lasts.
/// </summary>
/// <param name="First">The first tick refused (UTC).</param>
/// <param name="Last">The last of those that were refused together with it (UTC).</param>
/// <param name="Why">The first one's reason, for people.</param>
/// <param name="At">When (UTC).</param>
public sealed record TicksRefused(DateTimeOffset First, DateTimeOffset Last, string Why, DateTimeOffset At)
    : DagEvent(At);

/// <summary>A person deleted the DAG, whose file was gone, and its ended runs.</summary>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="At">When (UTC).</param>
public sealed record DagDeleted(string By, DateTimeOffset At) : DagEvent(At);

/// <summary>A person wants a run that has ended to be forgotten; its stream is removed next.</summary>
/// <param name="RunId">The run.</param>
/// <param name="By">Who: the name of the caller's token.</param>
/// <param name="At">When (UTC).</param>
public sealed record RunDeletionRequested(string RunId, string By, DateTimeOffset At) : DagEvent(At);
