using System.Collections.Concurrent;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// The fast path: starts publishing the moment a transaction has committed, without making the writer wait for the
/// broker. What was not confirmed is published by <see cref="RelaySubscription"/>; the event store is the outbox. While
/// the broker is away the fast path stays shut, so that the subscription drains the log in order. The subscription
/// opens it again where it runs, in one instance; in every other, one event now and then tries.
/// </summary>
public sealed class AfterCommitRelay(
    IServiceProvider services,
    OutgoingMap map,
    DaemonWakeup wakeup,
    ILogger<AfterCommitRelay> log,
    TimeProvider clock
) : DocumentSessionListenerBase
{
    /// <summary>How long the broker has to confirm before the fast path is shut.</summary>
    public static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(2);

    /// <summary>How long the fast path stays shut before an event tries it.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>Confirmations remembered at most; forgetting one costs a duplicate, nothing else.</summary>
    const int RememberAtMost = 50_000;

    readonly ConcurrentDictionary<Guid, Task<bool>> published = [];
    readonly HashSet<Type> told = [.. map.EventTypes];
    volatile bool open = true;
    long shutAt;

    /// <summary>True when the broker has confirmed the event's messages on the fast path. Forgets the answer.</summary>
    public async Task<bool> TakeConfirmation(IEvent e) =>
        published.TryRemove(e.Id, out var confirmation) && await confirmation;

    /// <summary>The broker is back: publish right after commits again.</summary>
    public void Open() => open = true;

    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        foreach (var e in commit.GetEvents())
            if (told.Contains(e.EventType) && MayPublish())
                published[e.Id] = Publish(e);
        if (published.Count > RememberAtMost)
            published.Clear();
        wakeup.Poke();
        return Task.CompletedTask;
    }

    bool MayPublish()
    {
        if (open)
            return true;
        var since = Interlocked.Read(ref shutAt);
        return clock.GetElapsedTime(since) >= TryAgainAfter
            && Interlocked.CompareExchange(ref shutAt, clock.GetTimestamp(), since) == since; // one tries for all
    }

    async Task<bool> Publish(IEvent e)
    {
        try
        {
            using var limit = new CancellationTokenSource(ConfirmWithin);
            await services.GetRequiredService<BusWriter>().Write(e, limit.Token);
            open = true;
            return true;
        }
        catch (Exception cause) // the subscription publishes it; what can never be told shows itself there
        {
            Interlocked.Exchange(ref shutAt, clock.GetTimestamp());
            open = false;
            PlumbingLog.FastPathShut(log, cause, e.EventTypeName, e.StreamKey);
            return false;
        }
    }
}
