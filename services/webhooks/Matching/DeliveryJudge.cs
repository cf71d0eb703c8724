using Marten;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Deliveries;
using Nightshift.Webhooks.Receiving;

namespace Nightshift.Webhooks.Matching;

/// <summary>Puts together what judging a delivery takes: its body, the DAGs' triggers, the settings.</summary>
public sealed class DeliveryJudge(
    StreamStore<Delivery> deliveries,
    DeliveryBodies bodies,
    IDocumentStore store,
    PayloadShape shape,
    IOptions<WebhookOptions> options,
    ILogger<DeliveryJudge> log
)
{
    /// <summary>Judges a delivery once; does nothing for one that is judged, or not there.</summary>
    /// <param name="deliveryId">GitHub's GUID.</param>
    /// <param name="now">The instant to judge by (UTC).</param>
    /// <param name="cancellationToken">Stops before the decision is committed.</param>
    public async Task Judge(string deliveryId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (delivery, _) = await deliveries.Load(deliveryId, cancellationToken);
        if (delivery is not { Status: DeliveryStatus.Received, Received: { } received })
            return;
        var json = await Json(received, cancellationToken);
        var command = new JudgeDelivery(
            received.Event == "push" ? Push.Read(json) : null,
            await IsKnown(received, json, cancellationToken),
            await Dags(cancellationToken),
            options.Value.HonourSkipMarks,
            now
        );
        await deliveries.Transact(deliveryId, x => DeliveryDecider.Decide(x, command), cancellationToken);
    }

    async Task<ReadOnlyMemory<byte>> Json(DeliveryReceived received, CancellationToken cancellationToken) =>
        await bodies.Find(received.DeliveryId, cancellationToken) is { } body
        && Body.FormOf(received.ContentType) is { } form
        && Body.Unwrap(form, body) is { } json
            ? json
            : throw new InvalidOperationException(
                $"The body of delivery {received.DeliveryId} is not the one that was received"
            ); // written in one transaction with the event

    async Task<IReadOnlyList<DagTriggers>> Dags(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.Query<DagTriggers>().ToListAsync(cancellationToken);
    }

    async Task<bool> IsKnown(DeliveryReceived received, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (await shape.Complaint(received.Event, json, cancellationToken) is not { } why)
            return true;
        Log.UnknownShape(log, received.DeliveryId, received.Event, received.Action, why);
        return false;
    }
}
