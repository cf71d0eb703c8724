using System.Collections.Immutable;
using Marten;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>A delivery with its names.</summary>
/// <param name="Id">Its key, <c>{hook}.{guid}</c>; its stream is <c>delivery-{hook}.{guid}</c>.</param>
/// <param name="SameEvent">Keys of the deliveries of the same event by other hooks, oldest first.</param>
/// <param name="Received">What was received.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="HeldUntil">As in <see cref="Delivery"/>.</param>
/// <param name="Reason">As in <see cref="Delivery"/>.</param>
/// <param name="KnownShape">As in <see cref="Delivery"/>.</param>
/// <param name="Runs">As in <see cref="Delivery"/>.</param>
/// <param name="Verdicts">As in <see cref="Delivery"/>.</param>
/// <param name="JudgedAt">As in <see cref="Delivery"/>.</param>
public sealed record DeliveryDetails(
    string Id,
    IReadOnlyList<string> SameEvent,
    DeliveryReceived Received,
    DeliveryStatus Status,
    DateTimeOffset? HeldUntil,
    string? Reason,
    bool? KnownShape,
    ImmutableList<TriggeredRun> Runs,
    ImmutableList<DagVerdict> Verdicts,
    DateTimeOffset? JudgedAt
);

/// <summary>Finds deliveries by what people have at hand.</summary>
public sealed class DeliveryFinder(StreamStore<Delivery> deliveries, IDocumentStore store)
{
    /// <summary>Finds one delivery.</summary>
    /// <param name="id">Its key, or GitHub's GUID alone: then the first delivery of that event.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="RejectedException"><c>unknown_delivery</c></exception>
    public async Task<DeliveryDetails> Find(string id, CancellationToken cancellationToken)
    {
        var name = id.ToLowerInvariant();
        var keys = await KeysOf(name.Split('.')[^1], cancellationToken);
        var key = keys.Contains(name) || keys.Count == 0 ? name : keys[0];
        if (key != name && name.Contains('.'))
            throw Unknown(id);
        var (delivery, _) = await deliveries.Load(key, cancellationToken);
        return delivery.Received is null
            ? throw Unknown(id)
            : new(
                key,
                [.. keys.Where(x => x != key)],
                delivery.Received,
                delivery.Status,
                delivery.HeldUntil,
                delivery.Reason,
                delivery.KnownShape,
                delivery.Runs,
                delivery.Verdicts,
                delivery.JudgedAt
            );
    }

    async Task<IReadOnlyList<string>> KeysOf(string guid, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var streams = await session
            .Query<DeliveryRow>()
            .Where(x => x.DeliveryId == guid)
            .OrderBy(x => x.ReceivedAt)
            .Select(x => x.Id)
            .ToListAsync(cancellationToken);
        return [.. streams.Select(DeliveryKey.OfStream)];
    }

    static RejectedException Unknown(string id) => new("unknown_delivery", $"There is no delivery '{id}'");
}
