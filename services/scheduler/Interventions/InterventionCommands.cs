using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Who intervenes, why and when.</summary>
/// <param name="By">The name of the caller's token.</param>
/// <param name="Note">Why, in that person's words; null when nothing was given.</param>
/// <param name="At">When (UTC).</param>
public sealed record Actor(string By, string? Note, DateTimeOffset At);

/// <summary>End a run before its tasks end.</summary>
public sealed record CancelRun(Actor Actor);

/// <summary>End tasks of a run.</summary>
public sealed record CancelTasks(TaskSelection Selection, Actor Actor);

/// <summary>Give a run the outcome, whatever its tasks did.</summary>
public sealed record MarkRun(RunOutcome Outcome, Actor Actor);

/// <summary>Give tasks the state success, failed or skipped.</summary>
public sealed record MarkTasks(TaskSelection Selection, TaskState State, Actor Actor);

/// <summary>Run tasks again.</summary>
/// <param name="Selection">Which.</param>
/// <param name="Key">The caller's idempotency key: a request with the key of the latest one decides nothing. Null for
/// none.</param>
/// <param name="Actor">Who.</param>
public sealed record ClearTasks(TaskSelection Selection, string? Key, Actor Actor);

/// <summary>Put a note on a run.</summary>
public sealed record NoteRun(string Note, Actor Actor);

/// <summary>Put a note on tasks of a run.</summary>
public sealed record NoteTasks(TaskSelection Selection, string Note, Actor Actor);
