using Marten;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Bodies;
using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Matching;

/// <summary>Puts together what judging a delivery takes: its body, the DAGs' triggers, the settings.</summary>
public sealed class DeliveryJudge(
    StreamStore<Delivery> deliveries,
    DeliveryBodies bodies,
    BodyMemory memory,
    IDocumentStore store,
    PayloadShape shape,
    IOptions<WebhookOptions> options,
    ILogger<DeliveryJudge> log
)
{
    /// <summary>Judges a delivery once; does nothing for one that is judged, or not there.</summary>
    /// <param name="deliveryKey">As in <see cref="DeliveryKey"/>.</param>
    /// <param name="now">The instant to judge by (UTC).</param>
    /// <param name="cancellationToken">Stops before the decision is committed.</param>
    public async Task Judge(string deliveryKey, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (delivery, _) = await deliveries.Load(deliveryKey, cancellationToken);
        if (delivery is not { Status: DeliveryStatus.Received, Received: { } received })
            return;
        var (push, knownShape) = await Read(deliveryKey, received, cancellationToken);
        var command = new JudgeDelivery(
            push,
            knownShape,
            await Dags(cancellationToken),
            options.Value.HonourSkipMarks,
            now
        );
        await deliveries.Transact(deliveryKey, x => DeliveryDecider.Decide(x, command), cancellationToken);
    }

    // The body takes its share of memory only as long as it is read.
    async Task<(Push? Push, bool? KnownShape)> Read(
        string deliveryKey,
        DeliveryReceived received,
        CancellationToken cancellationToken
    )
    {
        using var share = await memory.Reserve(received.BodyBytes, cancellationToken);
        using var blocks = new BodyBlocks();
        var payload =
            await bodies.Read(deliveryKey, received.At, blocks, cancellationToken) is { } body
            && Body.FormOf(received.ContentType) is { } form
                ? Payload.Read(form, body, blocks)
                : null;
        if (payload is null) // written in one transaction with the event
            throw new InvalidOperationException($"The body of delivery {deliveryKey} is not the one that was received");
        return (
            received.Event == "push" ? Push.Read(payload) : null,
            await IsKnown(received, payload, cancellationToken)
        );
    }

    async Task<IReadOnlyList<DagTriggers>> Dags(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.Query<DagTriggers>().ToListAsync(cancellationToken);
    }

    async Task<bool?> IsKnown(DeliveryReceived received, Payload payload, CancellationToken cancellationToken)
    {
        if (payload.Json.Length > PayloadShape.LargestCompared)
            return null;
        if (await shape.FirstMismatch(received.Event, payload, cancellationToken) is not { } why)
            return true;
        Log.UnknownShape(log, received.DeliveryId, received.Event, received.Action, why);
        return false;
    }
}
