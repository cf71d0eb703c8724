using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Deliveries;
using Npgsql;

namespace Nightshift.Webhooks.Receiving;

/// <summary>A delivery that is stored.</summary>
/// <param name="Delivery">What is stored of it.</param>
/// <param name="IsNew">False when it was stored before, under the same key and with the same body.</param>
public sealed record Received(DeliveryReceived Delivery, bool IsNew);

/// <summary>A delivery whose signature is right.</summary>
/// <param name="Headers">What GitHub says outside the body.</param>
/// <param name="Envelope">What the body says on top.</param>
/// <param name="ContentType">As sent.</param>
/// <param name="BodySha256">SHA-256 of the body, lower-case hex.</param>
public sealed record VerifiedDelivery(
    DeliveryHeaders Headers,
    Envelope Envelope,
    string ContentType,
    string BodySha256
);

/// <summary>Commits a verified delivery: its first event and its raw body in one transaction.</summary>
public sealed class DeliveryReceiver(
    StreamStore<Delivery> deliveries,
    DeliveryBodies bodies,
    BodyHashes hashes,
    TimeProvider clock,
    ILogger<DeliveryReceiver> log
)
{
    /// <summary>GitHub hangs up after 10 seconds; it must hear of a failure before that.</summary>
    static readonly TimeSpan CommitWithin = TimeSpan.FromSeconds(8);

    /// <summary>Commits it, unless that has happened. Disposes the body when nothing reads it any more.</summary>
    /// <returns>Null when it could not be stored: the database is away, or too slow for GitHub.</returns>
    /// <exception cref="RejectedException"><c>delivery_conflict</c></exception>
    public async Task<Received?> Receive(
        VerifiedDelivery delivery,
        RequestBody body,
        CancellationToken cancellationToken
    )
    {
        using var limit = new LinkedLimit(CommitWithin, clock, cancellationToken);
        var commit = Commit(delivery, body, limit.Token);
        try
        {
            return await commit.WaitAsync(limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && (limit.IsOver || IsDatabase(e)))
        {
            Log.NotCommitted(log, e, delivery.Headers.DeliveryId);
            return null;
        }
    }

    // Not ended by the caller's leaving once it is under way: the transaction may still be reading the body.
    async Task<Received> Commit(VerifiedDelivery delivery, RequestBody body, CancellationToken cancellationToken)
    {
        using (body)
        {
            var received = Describe(delivery, body.Bytes.Length);
            var key = DeliveryKey.Of(received);
            received = received with { SameBodyAs = await Earlier(received, key, cancellationToken) };
            var committed = await deliveries.Transact(
                key,
                x => DeliveryDecider.Decide(x, new ReceiveDelivery(received)),
                cancellationToken,
                () => [bodies.Row(key, received.At, body.Bytes)],
                expectNew: true
            );
            return LogOutcome(new(committed.State.Received ?? received, committed.Events.Count > 0));
        }
    }

    // A hook whose delivery of the event could not be stored must not keep another hook's from counting; the run's id
    // holds the event, so both together start a DAG once.
    async Task<string?> Earlier(DeliveryReceived received, string key, CancellationToken cancellationToken)
    {
        var holder = await hashes.Claim(received.BodySha256, key, cancellationToken);
        if (holder == key)
            return null;
        return
            DeliveryKey.GuidOf(holder) != received.DeliveryId
            || (await deliveries.Load(holder, cancellationToken)).State.Received is not null
            ? holder
            : null;
    }

    DeliveryReceived Describe(VerifiedDelivery delivery, int bodyBytes) =>
        new(
            delivery.Headers.DeliveryId,
            delivery.Headers.Event,
            delivery.Envelope.Action,
            delivery.Envelope.Repository,
            delivery.Envelope.Ref,
            delivery.Envelope.Sender,
            delivery.ContentType,
            delivery.Headers.Kept,
            delivery.BodySha256,
            bodyBytes,
            clock.GetUtcNow()
        )
        {
            HookId = delivery.Headers.HookId,
        };

    Received LogOutcome(Received received)
    {
        var delivery = received.Delivery;
        if (!received.IsNew)
            Log.Repeated(log, delivery.DeliveryId);
        else if (DeliveryDecider.ReplayOf(delivery) is { } earlier)
            Log.Replayed(log, delivery.DeliveryId, earlier);
        else
            Log.Received(log, delivery.DeliveryId, delivery.Event, delivery.Action, delivery.Repository);
        return received;
    }

    static bool IsDatabase(Exception e) =>
        e is NpgsqlException or TimeoutException || e.InnerException is { } inner && IsDatabase(inner);
}
