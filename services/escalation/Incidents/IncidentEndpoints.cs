using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Escalation.Incidents;

/// <summary>Incidents, the latest change first.</summary>
/// <param name="Incidents">At most as many as asked for.</param>
/// <param name="TotalEntries">How many match.</param>
public sealed record IncidentList(IReadOnlyList<IncidentRow> Incidents, int TotalEntries);

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

    /// <param name="state"><c>open</c>, <c>acknowledged</c> or <c>resolved</c>; absent lists all.</param>
    /// <param name="limit">1 to 1000, default 100.</param>
    /// <param name="store">The database.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<IncidentList> List(
        string? state,
        int? limit,
        IDocumentStore store,
        CancellationToken cancellationToken
    )
    {
        if (state is not null && !States.Contains(state))
            throw new RejectedException(
                "invalid_state",
                $"'state' is '{state}'; give one of {string.Join(", ", States)}"
            );
        await using var session = store.QuerySession();
        var matching = session.Query<IncidentRow>().Where(x => state == null || x.State == state);
        var rows = await matching
            .OrderByDescending(x => x.UpdatedAt)
            .Take(Math.Clamp(limit ?? 100, 1, 1000))
            .ToListAsync(cancellationToken);
        return new(rows, await matching.CountAsync(cancellationToken));
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
