using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>A page of deliveries.</summary>
/// <param name="Deliveries">Newest first.</param>
/// <param name="TotalEntries">How many there are in all.</param>
public sealed record DeliveryPage(IReadOnlyList<DeliveryRow> Deliveries, long TotalEntries);

/// <summary><c>/api/v2/deliveries</c>: what GitHub sent and what came of it.</summary>
public static class DeliveryEndpoints
{
    const int MaxLimit = 100;

    /// <summary>Maps them.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder app)
    {
        var deliveries = app.MapGroup("/api/v2/deliveries").RequireRole(Role.Viewer);
        deliveries.MapGet("", List);
        deliveries.MapGet("/{deliveryId:guid}", One);
        deliveries.MapGet("/{deliveryId:guid}/body", RawBody);
    }

    static async Task<DeliveryPage> List(
        IDocumentStore store,
        CancellationToken cancellationToken,
        int limit = 50,
        int offset = 0
    )
    {
        if (limit is < 1 or > MaxLimit || offset < 0)
            throw new RejectedException(
                "invalid_page",
                $"'limit' is {limit} and 'offset' {offset}; give a limit from 1 to {MaxLimit} and an offset of 0 or more"
            );
        await using var session = store.QuerySession();
        var rows = await session
            .Query<DeliveryRow>()
            .Stats(out var total)
            .OrderByDescending(x => x.ReceivedAt)
            .ThenBy(x => x.Id)
            .Skip(offset)
            .Take(limit)
            .ToListAsync(cancellationToken);
        return new(rows, total.TotalResults);
    }

    static async Task<Delivery> One(
        Guid deliveryId,
        StreamStore<Delivery> deliveries,
        CancellationToken cancellationToken
    ) =>
        await deliveries.Load(deliveryId.ToString("D"), cancellationToken) is { State: { Received: not null } delivery }
            ? delivery
            : throw Unknown(deliveryId);

    // As a download: a payload is foreign content and no page of ours.
    static async Task<FileContentHttpResult> RawBody(
        Guid deliveryId,
        StreamStore<Delivery> deliveries,
        DeliveryBodies bodies,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var delivery = await One(deliveryId, deliveries, cancellationToken);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var (contentType, extension) = delivery.Received!.ContentType.Contains(
            "json",
            StringComparison.OrdinalIgnoreCase
        )
            ? ("application/json", "json")
            : ("application/x-www-form-urlencoded", "form");
        return TypedResults.Bytes(
            await bodies.Find(deliveryId.ToString("D"), cancellationToken) ?? throw Unknown(deliveryId),
            contentType,
            $"{deliveryId:D}.{extension}"
        );
    }

    static RejectedException Unknown(Guid deliveryId) =>
        new("unknown_delivery", $"There is no delivery {deliveryId:D}");
}
