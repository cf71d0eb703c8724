using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Webhooks.Bodies;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>A page of deliveries.</summary>
/// <param name="Deliveries">Newest first.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
public sealed record DeliveryPage(
    IReadOnlyList<DeliveryRow> Deliveries,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
);

/// <summary><c>/api/v2/deliveries</c>: what GitHub sent and what came of it.</summary>
public static class DeliveryEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder app)
    {
        var deliveries = app.MapGroup("/api/v2/deliveries").RequireRole(Role.Viewer);
        deliveries.MapGet("", List);
        deliveries.MapGet("/{id}", (string id, DeliveryFinder finder, CancellationToken c) => finder.Find(id, c));
        deliveries.MapGet("/{id}/body", RawBody);
    }

    /// <param name="page">Which part.</param>
    /// <param name="status">Only deliveries that are received, matched or ignored.</param>
    /// <param name="repository">Only deliveries of one repository, <c>owner/name</c>.</param>
    /// <param name="rows">Reads the list.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<DeliveryPage> List(
        [AsParameters] PageRequest page,
        string? status,
        string? repository,
        RowList rows,
        CancellationToken cancellationToken
    )
    {
        DeliveryStatus? wanted =
            status is null ? null
            : Enum.TryParse<DeliveryStatus>(status, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known
            : throw new RejectedException(
                "invalid_status",
                $"'status' is '{status}'; give one of received, matched, ignored"
            );
        var filters = new[]
        {
            new RowFilter("status", wanted is null ? [] : [wanted.ToString()]),
            new RowFilter("repository", repository is null ? [] : [repository]),
        };
        var found = await rows.Read<DeliveryRow>(page, new RowOrder("received_at"), filters, cancellationToken);
        return new(found.Rows, found.Total, found.TotalIsExact, found.NextCursor);
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
        if (await bodies.CopyTo(delivery.Id, delivery.Received.At, response.Body, cancellationToken))
            return;
        response.Clear();
        throw new RejectedException(
            "unknown_body",
            $"The body of delivery {delivery.Id} is no longer kept; bodies are removed after Retention__DeliveryBodies"
        );
    }
}
