namespace Nightshift.Scheduler.Dags;

/// <summary>A fact about one DAG. Stored for ever: add properties, never rename or repurpose one.</summary>
public abstract record DagEvent(DateTimeOffset At);

/// <summary>A version of the DAG is live.</summary>
/// <param name="Spec">What its file says.</param>
/// <param name="Version">The hash of <paramref name="Spec"/>.</param>
/// <param name="File">The file's name inside the DAGs folder.</param>
/// <param name="NextTick">When it runs next by itself (UTC); null for never.</param>
/// <param name="At">When it became live (UTC).</param>
public sealed record DagPublished(
    DagSpec Spec,
    string Version,
    string File,
    DateTimeOffset? NextTick,
    DateTimeOffset At
) : DagEvent(At);

/// <summary>The file is gone; nothing starts this DAG any more. Its runs go on.</summary>
public sealed record DagWithdrawn(DateTimeOffset At) : DagEvent(At);

/// <summary>Ticks are over: a run was made for each of <paramref name="Ran"/>, none for the others.</summary>
/// <param name="Ran">The ticks that were run.</param>
/// <param name="Until">All ticks up to here are settled.</param>
/// <param name="NextTick">The next one; null when the schedule has ended.</param>
/// <param name="At">When (UTC).</param>
public sealed record TicksPassed(
    IReadOnlyList<DateTimeOffset> Ran,
    DateTimeOffset Until,
    DateTimeOffset? NextTick,
    DateTimeOffset At
) : DagEvent(At);
