using Marten;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Healer.Cases;

/// <summary>The cases, the latest change first.</summary>
/// <param name="Cases">At most as many as asked for.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
public sealed record CaseList(
    IReadOnlyList<CaseRow> Cases,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
);

/// <summary>One case.</summary>
/// <param name="Row">Its line in the list.</param>
/// <param name="Case">All that is known about its subjects.</param>
public sealed record CaseDetail(CaseRow Row, Case Case);

/// <summary><c>/api/v2/healing</c></summary>
public static class CaseEndpoints
{
    static readonly string[] States = ["waiting", "acting", "proving", "well", "given-up"];

    /// <summary>Maps them.</summary>
    public static void MapCases(this IEndpointRouteBuilder app)
    {
        var cases = app.MapGroup("/api/v2/healing").RequireRole(Role.Viewer);
        cases.MapGet("", List);
        cases.MapGet("/{target}", Find);
    }

    /// <param name="page">Which part.</param>
    /// <param name="state"><c>waiting</c>, <c>acting</c>, <c>proving</c>, <c>well</c> or <c>given-up</c>; absent lists
    /// all.</param>
    /// <param name="rows">Reads the list.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<CaseList> List(
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
        var found = await rows.Read<CaseRow>(page, new RowOrder("updated_at"), filters, cancellationToken);
        return new(found.Rows, found.Total, found.TotalIsExact, found.NextCursor);
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
                $"Nothing has ever failed under the name '{target}'. Targets read dag.DAG, task.DAG.TASK or "
                    + "container.NAME; GET /api/v2/healing lists them."
            );
        return new(row, (await cases.Load(target, cancellationToken)).State);
    }
}
