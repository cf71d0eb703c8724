using System.Collections.Concurrent;
using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// The fast path: starts publishing the moment a transaction has committed, without making the writer wait for the
/// broker. What was not confirmed is published by <see cref="RelayService"/>; the event store is the outbox. While the
/// broker is away the fast path is disabled. The catch-up loop enables it again where it runs, in one instance; in
/// every other, one event now and then tries.
/// </summary>
public sealed class AfterCommitRelay(
    Lazy<IEventPublisher> publisher,
    OutgoingMap map,
    RelayWakeup wakeup,
    ConfirmationNotices notices,
    ILogger<AfterCommitRelay> log,
    TimeProvider clock
) : ICommitListener
{
    /// <summary>How long the broker has to confirm before the fast path is disabled.</summary>
    public static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(2);

    /// <summary>How long the fast path stays disabled before an event tries it.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>Confirmations remembered at most; forgetting one costs a duplicate, nothing else.</summary>
    const int RememberAtMost = 50_000;

    readonly ConcurrentDictionary<Guid, Task<bool>> published = [];
    readonly HashSet<Type> mapped = [.. map.EventTypes];
    volatile bool enabled = true;
    long disabledAt;

    /// <summary>
    /// Set while the catch-up loop of this process works. It asks for each confirmation; without it they go to the
    /// instance where it does.
    /// </summary>
    public bool LoopIsHere { get; set; }

    /// <summary>
    /// The fast path's attempt at an event: true once the broker has confirmed its messages, false when it has not.
    /// Null when this process did not try. A finished attempt is forgotten.
    /// </summary>
    public Task<bool>? TakeAttempt(Guid eventId)
    {
        if (!published.TryGetValue(eventId, out var attempt))
            return null;
        if (attempt.IsCompleted)
            published.TryRemove(eventId, out _);
        return attempt;
    }

    /// <summary>The broker is back: publish right after commits again.</summary>
    public void Enable() => enabled = true;

    /// <inheritdoc/>
    public void Committed(IReadOnlyList<IEvent> events)
    {
        foreach (var e in events)
        {
            if (!mapped.Contains(e.EventType))
                continue;
            if (MayPublish())
                Start(e);
            else
                notices.Wake();
        }
        if (published.Count > RememberAtMost)
            published.Clear();
        wakeup.Set();
    }

    void Start(IEvent e)
    {
        var attempt = Publish(e);
        if (LoopIsHere)
            published[e.Id] = attempt;
    }

    bool MayPublish()
    {
        if (enabled)
            return true;
        var since = Interlocked.Read(ref disabledAt);
        return clock.GetElapsedTime(since) >= TryAgainAfter
            && Interlocked.CompareExchange(ref disabledAt, clock.GetTimestamp(), since) == since; // one tries for all
    }

    async Task<bool> Publish(IEvent e)
    {
        try
        {
            using var limit = new CancellationTokenSource(ConfirmWithin);
            await publisher.Value.Publish(e, limit.Token);
            enabled = true;
            if (!LoopIsHere)
                notices.Add(e.Id);
            return true;
        }
        catch (Exception cause) // the loop publishes it; what can never be published shows itself there
        {
            if (PublishFailure.MayPass(cause)) // otherwise the broker has no part in it
            {
                Interlocked.Exchange(ref disabledAt, clock.GetTimestamp());
                enabled = false;
            }
            if (!LoopIsHere)
                notices.Wake();
            PlumbingLog.FastPathDisabled(log, cause, e.EventTypeName, e.StreamKey);
            return false;
        }
    }
}
