using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>One row per delivery in the list. Disposable: rebuilt from the streams at any time.</summary>
/// <param name="Id">The stream's id.</param>
/// <param name="DeliveryId">GitHub's GUID.</param>
/// <param name="Event">The event's name.</param>
/// <param name="Action">Its action, if it has one.</param>
/// <param name="Repository">Where it happened.</param>
/// <param name="Ref">The ref of a push.</param>
/// <param name="Sender">Who caused it.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Reason">Why it started nothing.</param>
/// <param name="RunIds">The runs it started.</param>
/// <param name="ReceivedAt">When it came (UTC).</param>
public sealed record DeliveryRow(
    string Id,
    string DeliveryId,
    string Event,
    string? Action,
    string? Repository,
    string? Ref,
    string? Sender,
    DeliveryStatus Status,
    string? Reason,
    IReadOnlyList<string> RunIds,
    DateTimeOffset ReceivedAt
);

/// <summary>Keeps <see cref="DeliveryRow"/>.</summary>
public sealed partial class DeliveryRowProjection : SingleStreamProjection<DeliveryRow, string>
{
    /// <inheritdoc/>
    public override DeliveryRow? Evolve(DeliveryRow? row, string id, IEvent e) =>
        (row, e.Data) switch
        {
            (_, DeliveryReceived x) => new(
                id,
                x.DeliveryId,
                x.Event,
                x.Action,
                x.Repository,
                x.Ref,
                x.Sender,
                DeliveryStatus.Received,
                Reason: null,
                RunIds: [],
                x.At
            ),
            ({ } r, DeliveryMatched x) => r with
            {
                Status = DeliveryStatus.Matched,
                RunIds = [.. x.Runs.Select(y => y.RunId)],
            },
            ({ } r, DeliveryIgnored x) => r with { Status = DeliveryStatus.Ignored, Reason = x.Reason },
            _ => row,
        };
}
