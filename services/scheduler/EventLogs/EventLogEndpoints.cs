using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.EventLogs;

/// <summary><c>/api/v2/eventLogs</c>, in Airflow's shapes: what people and the system did, and who.</summary>
static class EventLogEndpoints
{
    static readonly string[] Orders = ["event_log_id", "id", "when", "dttm"];

    public static void MapEventLogs(this IEndpointRouteBuilder app)
    {
        var events = app.MapGroup("/api/v2/eventLogs").RequireRole(Role.Viewer).AnswerInSnakeCase();
        events.MapGet("", List);
        events.MapGet(
            "/{eventLogId:long}",
            (long eventLogId, EventLog log, CancellationToken c) => log.Find(eventLogId, c)
        );
    }

    /// <param name="page">Which part.</param>
    /// <param name="orderBy">event_log_id or when, which are one order; with a dash the latest first, which is the
    /// default.</param>
    /// <param name="request">Has the filters, see <see cref="EventLogFilter"/>.</param>
    /// <param name="log">Reads it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static Task<EventLogCollection> List(
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        HttpRequest request,
        EventLog log,
        CancellationToken cancellationToken
    ) => log.Read(page, IsDescending(orderBy), EventLogFilter.Of(request.Query), cancellationToken);

    static bool IsDescending(string? orderBy) =>
        string.IsNullOrEmpty(orderBy) ? true
        : Orders.Contains(orderBy[0] == '-' ? orderBy[1..] : orderBy) ? orderBy[0] == '-'
        : throw new RejectedException(
            "invalid_order_by",
            $"'order_by' is '{orderBy}'; give event_log_id or when, with '-' in front for the latest first"
        );
}
