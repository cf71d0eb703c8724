using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Escalation.Incidents;

/// <summary>Incidents, the latest change first.</summary>
/// <param name="Incidents">At most as many as asked for.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
public sealed record IncidentList(
    IReadOnlyList<IncidentRow> Incidents,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
);

/// <summary>One incident.</summary>
/// <param name="Row">Its line in the list.</param>
/// <param name="Incident">All that is known about it.</param>
public sealed record IncidentDetail(IncidentRow Row, Incident Incident);

/// <summary>What a person says when acknowledging or resolving.</summary>
/// <param name="Reason">Free text of at most 2000 characters; may be absent.</param>
public sealed record Remark(string? Reason);

/// <summary><c>/api/v2/incidents</c></summary>
public static class IncidentEndpoints
{
    const int LongestReason = 2000;
    static readonly string[] States = ["open", "acknowledged", "resolved"];

    /// <summary>Maps them.</summary>
    public static void MapIncidents(this IEndpointRouteBuilder app)
    {
        var incidents = app.MapGroup("/api/v2/incidents");
        incidents.MapGet("", List).RequireRole(Role.Viewer);
        incidents.MapGet("/{id}", Find).RequireRole(Role.Viewer);
        incidents.MapPost("/{id}/acknowledge", Acknowledge).RequireRole(Role.Operator);
        incidents.MapPost("/{id}/resolve", Resolve).RequireRole(Role.Operator);
    }

    /// <param name="page">Which part.</param>
    /// <param name="state"><c>open</c>, <c>acknowledged</c> or <c>resolved</c>; absent lists all.</param>
    /// <param name="rows">Reads the list.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<IncidentList> List(
        [AsParameters] PageRequest page,
        string? state,
        RowList rows,
        CancellationToken cancellationToken
    )
    {
        if (state is not null && !States.Contains(state))
            throw new RejectedException(
                "invalid_state",
                $"'state' is '{state}'; give one of {string.Join(", ", States)}"
            );
        var filters = new[] { new RowFilter("state", state is null ? [] : [state]) };
        var found = await rows.Read<IncidentRow>(page, new RowOrder("updated_at"), filters, cancellationToken);
        return new(found.Rows, found.Total, found.TotalIsExact, found.NextCursor);
    }

    static async Task<IncidentDetail> Find(
        string id,
        IDocumentStore store,
        StreamStore<Incident> incidents,
        CancellationToken cancellationToken
    )
    {
        var (incident, _) = await incidents.Load(id, cancellationToken);
        return new(await Row(id, store, cancellationToken), incident);
    }

    static async Task<IncidentRow> Acknowledge(
        string id,
        Remark? body,
        HttpContext http,
        IDocumentStore store,
        StreamStore<Incident> incidents,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var acknowledge = new Acknowledge(http.User.CallerName(), Check(body?.Reason), clock.GetUtcNow());
        await incidents.Transact(id, x => IncidentDecider.Decide(x, acknowledge), cancellationToken);
        return await Row(id, store, cancellationToken);
    }

    static async Task<IncidentRow> Resolve(
        string id,
        Remark? body,
        HttpContext http,
        IDocumentStore store,
        StreamStore<Incident> incidents,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var resolve = new Resolve(http.User.CallerName(), Check(body?.Reason), clock.GetUtcNow());
        await incidents.Transact(id, x => IncidentDecider.Decide(x, resolve), cancellationToken);
        return await Row(id, store, cancellationToken);
    }

    static async Task<IncidentRow> Row(string id, IDocumentStore store, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<IncidentRow>(IncidentStream.Prefix + id, cancellationToken)
            ?? throw new RejectedException(
                "unknown_incident",
                $"There is no incident '{id}'. GET /api/v2/incidents lists them."
            );
    }

    static string? Check(string? reason) =>
        reason is { Length: > LongestReason }
            ? throw new RejectedException(
                "invalid_reason",
                $"'reason' has {reason.Length} characters; at most {LongestReason} are kept"
            )
            : reason;
}
