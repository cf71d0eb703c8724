using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Bodies;

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
        deliveries.MapGet("/{id}", (string id, DeliveryFinder finder, CancellationToken c) => finder.Find(id, c));
        deliveries.MapGet("/{id}/body", RawBody);
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

    // As a download: a payload is foreign content and no page of ours.
    static async Task RawBody(
        string id,
        DeliveryFinder finder,
        DeliveryBodies bodies,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var delivery = await finder.Find(id, cancellationToken);
        var isJson = Body.FormOf(delivery.Received.ContentType) is BodyForm.Json;
        var response = context.Response;
        response.ContentType = isJson ? "application/json" : "application/x-www-form-urlencoded";
        response.ContentLength = delivery.Received.BodyBytes;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentDisposition = $"attachment; filename={delivery.Id}.{(isJson ? "json" : "form")}";
        await bodies.CopyTo(delivery.Id, response.Body, cancellationToken);
    }
}
