using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Messages;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// Passes over the log, each over the connection that holds the leadership. What is committed is published at once,
/// above gaps too; only the position waits. A new loop begins at the stored position, so it publishes again what the
/// last one did not store.
/// </summary>
sealed class RelayLoop(
    RelayConnection connection,
    ForeignConfirmations foreign,
    AfterCommitRelay fastPath,
    EventLog events,
    IEventPublisher publisher,
    UnpublishableEvents unpublishable,
    RelayWakeup wakeup,
    BrokerAvailability availability,
    ILogger<RelayLoop> log,
    TimeProvider clock
)
{
    /// <summary>A pass each so often when nothing wakes the loop, for commits of instances that died.</summary>
    static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Under load at most one pass in this period: the fast path has published nearly all of it.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an event is left to the fast path of the instance that committed it.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    /// <summary>The position is stored at most once in this period, and that often while anything is open.</summary>
    static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long the broker has to confirm.</summary>
    static readonly TimeSpan ConfirmWithin = AfterCommitRelay.ConfirmWithin * 5;

    /// <summary>Pause after the broker did not confirm, unless it is back before.</summary>
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Unpublished events held in memory at most; the rest waits in the log.</summary>
    const int MaxUnpublished = 5_000;

    const int PublishAtOnce = 100;

    readonly SortedDictionary<long, (Guid Id, long SeenAt)> unpublished = [];
    RelayProgress progress = new(position: 0);
    long saved;
    long savedAt;

    bool IsIdle => unpublished.Count == 0 && progress.Gaps.Count == 0;

    /// <summary>Relays until stopped or until the connection breaks.</summary>
    public async Task Run(CancellationToken stoppingToken)
    {
        await Begin(stoppingToken);
        fastPath.LoopIsHere = true;
        try
        {
            while (true)
            {
                var began = clock.GetTimestamp();
                var more = await Pass(stoppingToken);
                if (!more)
                    await Pause(began, stoppingToken);
            }
        }
        finally
        {
            fastPath.LoopIsHere = false;
            if (stoppingToken.IsCancellationRequested)
                await SaveLast();
        }
    }

    /// <summary>Relays what is there now, beside an instance that leads and makes no progress.</summary>
    public async Task RunUntilSettled(CancellationToken stoppingToken)
    {
        await Begin(stoppingToken);
        while (await Pass(stoppingToken) || unpublished.Count > 0)
            await Task.Delay(Spacing, clock, stoppingToken);
        await connection.SavePosition(progress.Position, stoppingToken);
    }

    async Task Begin(CancellationToken cancellationToken)
    {
        saved = await connection.ReadPosition(cancellationToken);
        (progress, savedAt) = (new(saved), clock.GetTimestamp());
    }

    /// <returns>True when there is more to read at once.</returns>
    async Task<bool> Pass(CancellationToken cancellationToken)
    {
        var brokerReturns = availability.NextReturn;
        var limit = Math.Clamp(MaxUnpublished - unpublished.Count, 0, RelayConnection.PageSize);
        var page = await connection.Read(progress.Gaps, progress.Scanned, limit, cancellationToken);
        progress.Observe(page.Writers, [.. page.InGaps.Select(Note)], [.. page.Above.Select(Note)]);
        var brokerAnswers = await PublishDue(cancellationToken);
        if ((progress.Position > saved || !IsIdle) && clock.GetElapsedTime(savedAt) >= SavePeriod)
            await Save(cancellationToken);
        if (!brokerAnswers)
            await Pause(PauseAfterFailure, brokerReturns, cancellationToken);
        return brokerAnswers && limit > 0 && page.Above.Count == limit;
    }

    LogEntry Note(ScannedEvent e)
    {
        var published = !events.MappedTypes.Contains(e.Type);
        if (!published)
            unpublished[e.Sequence] = (e.Id, clock.GetTimestamp());
        return new(e.Sequence, published);
    }

    async Task<bool> PublishDue(CancellationToken cancellationToken)
    {
        var due = new List<long>();
        foreach (var (sequence, (id, seenAt)) in unpublished.ToArray())
            switch (await State(id, seenAt))
            {
                case Delivery.Confirmed:
                    Settle(sequence);
                    break;
                case Delivery.Due:
                    due.Add(sequence);
                    break;
            }
        foreach (var chunk in due.Chunk(PublishAtOnce))
            if (!await Publish(chunk, cancellationToken))
                return false;
        return true;
    }

    enum Delivery
    {
        Elsewhere,
        Confirmed,
        Due,
    }

    async Task<Delivery> State(Guid id, long seenAt) =>
        foreign.Contains(id) ? Delivery.Confirmed
        : fastPath.TakeAttempt(id) is { } attempt
            ? !attempt.IsCompleted ? Delivery.Elsewhere
                : await attempt ? Delivery.Confirmed
                : Delivery.Due
        : clock.GetElapsedTime(seenAt) < Grace ? Delivery.Elsewhere
        : Delivery.Due;

    async Task<bool> Publish(IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        var loaded = await events.Load(sequences, cancellationToken);
        foreach (var (sequence, _, unreadable) in loaded.Where(x => x.Unreadable is not null))
            await GiveUp(sequence, "an event", unreadable!, cancellationToken);
        var failures = await Task.WhenAll(
            loaded.Where(x => x.Event is not null).Select(x => TryPublish(x.Event!, cancellationToken))
        );
        foreach (var sequence in sequences.Except(loaded.Select(x => x.Sequence)))
            Settle(sequence); // deleted since it was seen
        if (failures.FirstOrDefault(x => x is not null) is not { } failure)
            return true;
        PlumbingLog.BrokerUnavailable(log, failure, sequences[0]);
        return false;
    }

    /// <returns>Why the broker did not confirm; null when the event is settled.</returns>
    async Task<Exception?> TryPublish(IEvent e, CancellationToken cancellationToken)
    {
        try
        {
            // Once the broker is back, what was sent before is sent again instead of waited for.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken,
                availability.NextReturn
            );
            limit.CancelAfter(ConfirmWithin);
            await publisher.Publish(e, limit.Token);
            fastPath.Enable();
            Settle(e.Sequence);
            return null;
        }
        catch (Exception cause) when (!cancellationToken.IsCancellationRequested)
        {
            if (PublishFailure.MayPass(cause))
                return cause;
            await GiveUp(e.Sequence, $"{e.EventTypeName} of {e.StreamKey}", cause, cancellationToken);
            return null;
        }
    }

    // Recorded for a person first: it must neither be forgotten nor hold up the others.
    async Task GiveUp(long sequence, string what, Exception cause, CancellationToken cancellationToken)
    {
        await unpublishable.Add(sequence, cause.Message, cancellationToken);
        PlumbingLog.Unpublishable(log, cause, what, sequence);
        Settle(sequence);
    }

    void Settle(long sequence)
    {
        lock (unpublished) // a chunk's events are confirmed side by side
        {
            unpublished.Remove(sequence);
            progress.Settle(sequence);
        }
    }

    async Task Pause(TimeSpan pause, CancellationToken brokerReturns, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(brokerReturns, cancellationToken);
        await Task.Delay(pause, clock, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    async Task Pause(long began, CancellationToken cancellationToken)
    {
        await connection.Wait(wakeup, IsIdle ? SafetyPeriod : Spacing, cancellationToken);
        var rest = Spacing - clock.GetElapsedTime(began);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, clock, cancellationToken);
    }

    async Task Save(CancellationToken cancellationToken)
    {
        var position = progress.Position;
        await connection.SavePosition(position, cancellationToken);
        (saved, savedAt) = (position, clock.GetTimestamp());
    }

    // The next start then publishes less again. It is only a saving: the connection may be the reason for the stop.
    async Task SaveLast()
    {
        try
        {
            await Save(CancellationToken.None);
        }
        catch (Exception e)
        {
            PlumbingLog.RelayUnavailable(log, e);
        }
    }
}
