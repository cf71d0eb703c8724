namespace Nightshift.Executor.Attempts;

/// <summary>A fact about one attempt. Stored for ever: add properties, never rename or repurpose one.</summary>
public abstract record AttemptEvent(DateTimeOffset At);

/// <summary>The attempt is this engine's to run. From here on it survives restarts.</summary>
/// <param name="Key">Which attempt.</param>
/// <param name="Spec">All that is needed to run it.</param>
/// <param name="Engine">The engine it belongs to; empty for a kind that needs none.</param>
/// <param name="At">When it was accepted (UTC).</param>
public sealed record AttemptAccepted(AttemptKey Key, AttemptSpec Spec, string Engine, DateTimeOffset At)
    : AttemptEvent(At);

/// <summary>Its container runs.</summary>
/// <param name="Key">Which attempt.</param>
/// <param name="ContainerId">The engine's id of the container.</param>
/// <param name="At">When the engine started it (UTC).</param>
public sealed record AttemptStarted(AttemptKey Key, string ContainerId, DateTimeOffset At) : AttemptEvent(At)
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
/// <param name="At">When (UTC).</param>
public sealed record AttemptFinished(AttemptKey Key, Ending Ending, int MemoryMiB, DateTimeOffset At)
    : AttemptEvent(At);
