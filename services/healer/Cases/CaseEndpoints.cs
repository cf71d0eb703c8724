using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Healer.Cases;

/// <summary>The cases, the latest change first.</summary>
/// <param name="Cases">At most as many as asked for.</param>
/// <param name="TotalEntries">How many there are.</param>
public sealed record CaseList(IReadOnlyList<CaseRow> Cases, int TotalEntries);

/// <summary>One case.</summary>
/// <param name="Row">Its line in the list.</param>
/// <param name="Case">All that is known about its subjects.</param>
public sealed record CaseDetail(CaseRow Row, Case Case);

/// <summary><c>/api/v2/healing</c></summary>
public static class CaseEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapCases(this IEndpointRouteBuilder app)
    {
        var cases = app.MapGroup("/api/v2/healing").RequireRole(Role.Viewer);
        cases.MapGet("", List);
        cases.MapGet("/{target}", Find);
    }

    /// <param name="limit">1 to 1000, default 100.</param>
    /// <param name="store">The database.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<CaseList> List(int? limit, IDocumentStore store, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var rows = await session
            .Query<CaseRow>()
            .OrderByDescending(x => x.UpdatedAt)
            .Take(Math.Clamp(limit ?? 100, 1, 1000))
            .ToListAsync(cancellationToken);
        return new(rows, await session.Query<CaseRow>().CountAsync(cancellationToken));
    }

    static async Task<CaseDetail> Find(
        string target,
        IDocumentStore store,
        StreamStore<Case> cases,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var row =
            await session.LoadAsync<CaseRow>(CaseStream.Prefix + target, cancellationToken)
            ?? throw new RejectedException(
                "unknown_case",
                $"Nothing has ever failed under the name '{target}'. Targets read task.DAG.TASK or container.NAME; GET /api/v2/healing lists them."
            );
        return new(row, (await cases.Load(target, cancellationToken)).State);
    }
}
