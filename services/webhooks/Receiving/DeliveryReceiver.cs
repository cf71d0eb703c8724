using System.Security.Cryptography;
using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Deliveries;
using Npgsql;

namespace Nightshift.Webhooks.Receiving;

/// <summary>What became of a delivery at the door.</summary>
public enum Outcome
{
    /// <summary>Stored with its body.</summary>
    Committed,

    /// <summary>Stored before, under the same GUID and with the same body.</summary>
    KnownAlready,

    /// <summary>Not stored: the database is away or too slow for GitHub.</summary>
    NotCommitted,
}

/// <summary>Commits a verified delivery: its first event and its raw body in one transaction.</summary>
public sealed class DeliveryReceiver(
    StreamStore<Delivery> deliveries,
    TimeProvider clock,
    ILogger<DeliveryReceiver> log
)
{
    /// <summary>GitHub hangs up after 10 seconds; it must hear of a failure before that.</summary>
    static readonly TimeSpan CommitWithin = TimeSpan.FromSeconds(8);

    /// <summary>Commits it, unless that has happened.</summary>
    /// <exception cref="RejectedException"><c>delivery_conflict</c></exception>
    public async Task<Outcome> Receive(
        DeliveryHeaders headers,
        Envelope envelope,
        string contentType,
        byte[] body,
        CancellationToken cancellationToken
    )
    {
        var received = new DeliveryReceived(
            headers.DeliveryId,
            headers.Event,
            envelope.Action,
            envelope.Repository,
            envelope.Ref,
            envelope.Sender,
            contentType,
            headers.Kept,
            Convert.ToHexStringLower(SHA256.HashData(body)),
            body.Length,
            clock.GetUtcNow()
        );
        using var limit = new CancellationTokenSource(CommitWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var committed = await deliveries
                .Transact(
                    headers.DeliveryId,
                    x => DeliveryDecider.Decide(x, new ReceiveDelivery(received)),
                    either.Token,
                    session => DeliveryBodies.Keep(session, headers.DeliveryId, body)
                )
                .WaitAsync(either.Token);
            if (committed.Events.Count == 0)
                Log.Repeated(log, headers.DeliveryId);
            else
                Log.Received(log, headers.DeliveryId, headers.Event, envelope.Action, envelope.Repository);
            return committed.Events.Count == 0 ? Outcome.KnownAlready : Outcome.Committed;
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested && (limit.IsCancellationRequested || IsDatabase(e)))
        {
            Log.NotCommitted(log, e, headers.DeliveryId);
            return Outcome.NotCommitted;
        }
    }

    static bool IsDatabase(Exception e) =>
        e is NpgsqlException or TimeoutException || e.InnerException is { } inner && IsDatabase(inner);
}
