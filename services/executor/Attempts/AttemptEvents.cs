namespace Nightshift.Executor.Attempts;

/// <summary>A fact about one attempt. Stored for ever: add properties, never rename or repurpose one.</summary>
public abstract record AttemptEvent(DateTimeOffset At);

/// <summary>The attempt waits for an executor with a free slot. From here on it survives restarts.</summary>
/// <param name="Key">Which attempt.</param>
/// <param name="Spec">All that is needed to run it.</param>
/// <param name="Queue">The queue whose executors may be granted it.</param>
/// <param name="Priority">Larger ones are granted first; a point stands for a minute of waiting.</param>
/// <param name="At">When it was accepted (UTC).</param>
public sealed record AttemptAccepted(AttemptKey Key, AttemptSpec Spec, string Queue, int Priority, DateTimeOffset At)
    : AttemptEvent(At);

/// <summary>
/// One executor may run it, on its engine, and whoever was granted it before may not any more. An attempt whose
/// container runs is granted again when another executor of the same engine takes it over.
/// </summary>
/// <param name="Grant">To whom.</param>
/// <param name="At">When (UTC).</param>
public sealed record AttemptGranted(Grant Grant, DateTimeOffset At) : AttemptEvent(At);

/// <summary>It had not begun, and waits again.</summary>
/// <param name="Grant">Number of the grant that ended.</param>
/// <param name="Why">One line for a person.</param>
/// <param name="At">When (UTC).</param>
public sealed record AttemptGrantRevoked(int Grant, string Why, DateTimeOffset At) : AttemptEvent(At);

/// <summary>
/// Its container is about to be made: from here on its command may have run, so no other engine begins it.
/// </summary>
/// <param name="Grant">Number of the grant it begins under.</param>
/// <param name="At">When (UTC).</param>
public sealed record AttemptStarting(int Grant, DateTimeOffset At) : AttemptEvent(At);

/// <summary>Its container runs.</summary>
/// <param name="Key">Which attempt.</param>
/// <param name="ContainerId">The engine's id of the container.</param>
/// <param name="Grant">Number of the grant it runs under.</param>
/// <param name="At">When the engine started it (UTC).</param>
public sealed record AttemptStarted(AttemptKey Key, string ContainerId, int Grant, DateTimeOffset At) : AttemptEvent(At)
{
    /// <summary>
    /// Names exactly the image it was made from: <c>name@sha256:…</c>, or the engine's id of an image that came from no
    /// registry. Null when it is not known.
    /// </summary>
    public string? ImageDigest { get; init; }
}

/// <summary>It is over.</summary>
/// <param name="Key">Which attempt.</param>
/// <param name="Ending">How it ended.</param>
/// <param name="MemoryMiB">The memory limit it ran with, MiB.</param>
/// <param name="Grant">Number of the grant it ended under; 0 when it was never granted.</param>
/// <param name="At">When (UTC).</param>
public sealed record AttemptFinished(AttemptKey Key, Ending Ending, int MemoryMiB, int Grant, DateTimeOffset At)
    : AttemptEvent(At);
