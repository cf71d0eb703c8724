namespace Nightshift.Executor.Attempts;

/// <summary>Asks for an attempt to be run.</summary>
public sealed record AcceptAttempt(AttemptKey Key, AttemptSpec Spec, string Queue, int Priority, DateTimeOffset At);

/// <summary>Grants the attempt to an executor; the number must follow the latest grant's.</summary>
public sealed record GrantAttempt(Grant Grant, DateTimeOffset At);

/// <summary>Takes a grant back from an executor that has not begun.</summary>
public sealed record RevokeGrant(int Grant, string Why, DateTimeOffset At);

/// <summary>Asks whether the container may be made under this grant.</summary>
public sealed record ConfirmStart(int Grant, DateTimeOffset At);

/// <summary>Reports that the attempt's container runs.</summary>
public sealed record BeginAttempt(int Grant, string ContainerId, DateTimeOffset At, string? ImageDigest = null);

/// <summary>Reports how the attempt ended.</summary>
public sealed record FinishAttempt(int Grant, Ending Ending, DateTimeOffset At);

/// <summary>Takes the attempt from an executor that is lost, with its engine.</summary>
public sealed record FenceAttempt(int Grant, string Why, DateTimeOffset At);

/// <summary>Asks for the attempt's end, whoever has it.</summary>
public sealed record StopAttempt(AttemptKey Key, string Why, DateTimeOffset At);

/// <summary>
/// The life of an attempt: accepted once, begun on one engine at most, finished exactly once. What is done and reported
/// under any but the latest grant decides nothing.
/// </summary>
public static class AttemptDecider
{
    /// <summary>Takes the attempt on. What needs no container is over in the same breath.</summary>
    /// <returns>No events for a repeat.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, AcceptAttempt accept)
    {
        if (attempt.Phase != AttemptPhase.None)
            return [];
        var (key, spec, queue, priority, at) = accept;
        var accepted = new AttemptAccepted(key, spec, queue, priority, at);
        return spec switch
        {
            { Kind: AttemptSpec.Noop } => [accepted, Over(Ending.Of(Reasons.Completed, ""))],
            { Mistake: { } mistake } => [accepted, Over(Ending.Of(Reasons.Refused, mistake))],
            _ => [accepted],
        };
        AttemptFinished Over(Ending ending) => new(key, ending, spec.MemoryMiB, Grant: 0, at);
    }

    /// <summary>Gives the attempt to an executor, for the first time or in place of one that is gone.</summary>
    /// <returns>No events when another one was granted it first, or it is over.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, GrantAttempt grant) =>
        IsOpen(attempt) && attempt.Grant.Number + 1 == grant.Grant.Number
            ? [new AttemptGranted(grant.Grant, grant.At)]
            : [];

    /// <summary>Lets it wait again.</summary>
    /// <returns>No events when it has begun, or the grant is not the latest.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, RevokeGrant revoke) =>
        attempt.Phase == AttemptPhase.Granted && attempt.Grant.Number == revoke.Grant
            ? [new AttemptGrantRevoked(revoke.Grant, revoke.Why, revoke.At)]
            : [];

    /// <summary>The fence: the container is made only after this is recorded.</summary>
    /// <returns>No events for a repeat, and when the grant is not the latest.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, ConfirmStart confirm) =>
        attempt.Phase == AttemptPhase.Granted && attempt.Grant.Number == confirm.Grant
            ? [new AttemptStarting(confirm.Grant, confirm.At)]
            : [];

    /// <summary>True when a container may be made under this grant.</summary>
    public static bool MayStart(Attempt attempt, int grant) =>
        attempt.Phase == AttemptPhase.Starting && attempt.Grant.Number == grant;

    /// <summary>Notes the start.</summary>
    /// <returns>No events for a repeat, when the attempt is over, or when the grant is not the latest.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, BeginAttempt begin) =>
        attempt is { Phase: AttemptPhase.Starting, Key: { } key } && attempt.Grant.Number == begin.Grant
            ? [new AttemptStarted(key, begin.ContainerId, begin.Grant, begin.At) { ImageDigest = begin.ImageDigest }]
            : [];

    /// <summary>Settles the attempt.</summary>
    /// <returns>No events when it is settled, for the first report stands; nor when the grant is not the
    /// latest.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, FinishAttempt finish) =>
        IsOpen(attempt) && attempt.Phase != AttemptPhase.Accepted && attempt.Grant.Number == finish.Grant
            ? [Finished(attempt, finish.Ending, finish.At)]
            : [];

    /// <summary>
    /// Takes the attempt from a lost executor: what had not begun waits again; what had may have done its work, so it
    /// is not begun elsewhere under the same id.
    /// </summary>
    /// <returns>No events when the grant is not the latest, or the attempt is over.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, FenceAttempt fence) =>
        attempt switch
        {
            _ when attempt.Grant.Number != fence.Grant => [],
            { Phase: AttemptPhase.Granted } => [new AttemptGrantRevoked(fence.Grant, fence.Why, fence.At)],
            { Phase: AttemptPhase.Starting or AttemptPhase.Running } =>
            [
                Finished(attempt, Ending.Of(Reasons.Lost, fence.Why), fence.At),
            ],
            _ => [],
        };

    /// <summary>
    /// Ends the attempt under whatever grant. Who follows it finds that it is over, and stops its container. One that
    /// was not asked for yet is over too, so that the start that comes later begins nothing.
    /// </summary>
    /// <returns>No events when it is over.</returns>
    public static IReadOnlyList<AttemptEvent> Decide(Attempt attempt, StopAttempt stop) =>
        attempt.Phase is AttemptPhase.Finished
            ? []
            :
            [
                new AttemptFinished(
                    stop.Key,
                    Ending.Of(Reasons.Stopped, stop.Why),
                    attempt.Spec?.MemoryMiB ?? 0,
                    attempt.Grant.Number,
                    stop.At
                ),
            ];

    static bool IsOpen(Attempt attempt) => attempt.Phase is not (AttemptPhase.None or AttemptPhase.Finished);

    static AttemptFinished Finished(Attempt attempt, Ending ending, DateTimeOffset at) =>
        new(attempt.Key!, ending, attempt.Spec!.MemoryMiB, attempt.Grant.Number, at);
}
