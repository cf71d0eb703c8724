namespace Nightshift.Executor.Attempts;

/// <summary>Asks for an attempt to be run.</summary>
public sealed record AcceptAttempt(AttemptKey Key, AttemptSpec Spec, string Engine, DateTimeOffset At);

/// <summary>Reports that the attempt's container runs.</summary>
public sealed record BeginAttempt(string ContainerId, DateTimeOffset At, string? ImageDigest = null);

/// <summary>Reports how the attempt ended.</summary>
public sealed record FinishAttempt(Ending Ending, DateTimeOffset At);

/// <summary>The life of an attempt: accepted once, started at most once, finished exactly once.</summary>
public static class AttemptDecider
{
    /// <summary>Takes the attempt on. What needs no container is over in the same breath.</summary>
    /// <returns>No events for a repeat.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, AcceptAttempt accept)
    {
        if (attempt.Phase != AttemptPhase.None)
            return [];
        var (key, spec, engine, at) = accept;
        var accepted = new AttemptAccepted(key, spec, engine, at);
        return spec switch
        {
            { Kind: AttemptSpec.Noop } =>
            [
                accepted,
                new AttemptFinished(key, Ending.Of(Reasons.Completed, ""), spec.MemoryMiB, at),
            ],
            { Mistake: { } mistake } =>
            [
                accepted,
                new AttemptFinished(key, Ending.Of(Reasons.Engine, mistake), spec.MemoryMiB, at),
            ],
            _ => [accepted],
        };
    }

    /// <summary>Notes the start.</summary>
    /// <returns>No events for a repeat, or when the attempt is over.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, BeginAttempt begin) =>
        attempt is { Phase: AttemptPhase.Accepted, Key: { } key }
            ? [new AttemptStarted(key, begin.ContainerId, begin.At) { ImageDigest = begin.ImageDigest }]
            : [];

    /// <summary>Settles the attempt.</summary>
    /// <returns>No events when it is settled: the first report stands.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, FinishAttempt finish) =>
        attempt is { Phase: AttemptPhase.Accepted or AttemptPhase.Running, Key: { } key, Spec: { } spec }
            ? [new AttemptFinished(key, finish.Ending, spec.MemoryMiB, finish.At)]
            : [];
}
