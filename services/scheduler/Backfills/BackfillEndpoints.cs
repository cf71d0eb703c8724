using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Backfills;

/// <summary><c>/api/v2/backfills</c>, in Airflow's shapes.</summary>
static class BackfillEndpoints
{
    public static void MapBackfills(this IEndpointRouteBuilder app)
    {
        var backfills = app.MapGroup("/api/v2/backfills").RequireRole(Role.Viewer).AnswerInSnakeCase();
        backfills.MapGet("/", List);
        backfills.MapGet("/{backfillId:long}", Get);
        backfills.MapPost("/", Create).RequireRole(Role.Operator);
        backfills.MapPost("/dry_run", DryRun).RequireRole(Role.Operator);
        backfills.MapPut("/{backfillId:long}/pause", Pause).RequireRole(Role.Operator);
        backfills.MapPut("/{backfillId:long}/unpause", Unpause).RequireRole(Role.Operator);
        backfills.MapPut("/{backfillId:long}/cancel", Cancel).RequireRole(Role.Operator);
    }

    /// <param name="page">Which part.</param>
    /// <param name="dagId">Only those of this DAG; null for all.</param>
    /// <param name="orderBy">created_at; with a dash the latest first, which is the default.</param>
    /// <param name="rows">Reads the list.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<BackfillCollection> List(
        [AsParameters] PageRequest page,
        [FromQuery(Name = "dag_id")] string? dagId,
        [FromQuery(Name = "order_by")] string? orderBy,
        RowList rows,
        CancellationToken cancellationToken
    )
    {
        var order = RowOrder.Parse(orderBy, ("created_at", "created_at"), ("id", "created_at"));
        var found = await rows.Read<BackfillRow>(
            page,
            order,
            [new RowFilter("dag_id", dagId is null ? [] : [dagId])],
            cancellationToken
        );
        return new([.. found.Rows.Select(BackfillBody.Of)], found.Total, found.TotalIsExact, found.NextCursor);
    }

    static async Task<BackfillBody> Get(
        long backfillId,
        Marten.IDocumentStore store,
        CancellationToken cancellationToken
    )
    {
        await using var session = store.QuerySession();
        var id = BackfillStream.Definition.Prefix + BackfillStream.IdOf(backfillId);
        return await session.LoadAsync<BackfillRow>(id, cancellationToken) is { } row
            ? BackfillBody.Of(row)
            : throw new RejectedException(
                "unknown_backfill",
                $"There is no backfill {backfillId}; 'nightshift backfill list' shows those there are"
            );
    }

    static async Task<BackfillBody> Create(
        BackfillRequest body,
        HttpContext http,
        BackfillCreation creation,
        Marten.IDocumentStore store,
        CancellationToken cancellationToken
    )
    {
        var id = await creation.Create(
            body.Dag(),
            body.Range(),
            body.DagRunConf ?? ParamConf.None,
            http.User.CallerName(),
            cancellationToken
        );
        return await Get(id, store, cancellationToken);
    }

    static async Task<DryRunBody> DryRun(
        BackfillRequest body,
        BackfillCreation creation,
        CancellationToken cancellationToken
    ) => DryRunBody.Of(await creation.DryRun(body.Dag(), body.Range(), cancellationToken));

    static Task<BackfillBody> Pause(long backfillId, [AsParameters] BackfillChange change) =>
        change.Make(backfillId, (x, by, at) => BackfillDecider.Decide(x, new PauseBackfill(by, at)));

    static Task<BackfillBody> Unpause(long backfillId, [AsParameters] BackfillChange change) =>
        change.Make(backfillId, (x, by, at) => BackfillDecider.Decide(x, new UnpauseBackfill(by, at)));

    static Task<BackfillBody> Cancel(long backfillId, [AsParameters] BackfillChange change) =>
        change.Make(backfillId, (x, by, at) => BackfillDecider.Decide(x, new CancelBackfill(by, at)));

    // What the three have in common.
    sealed record BackfillChange(
        HttpContext Http,
        StreamStore<Backfill> Backfills,
        Marten.IDocumentStore Store,
        TimeProvider Clock,
        CancellationToken CancellationToken
    )
    {
        public async Task<BackfillBody> Make(
            long backfillId,
            Func<Backfill, string, DateTimeOffset, IReadOnlyList<BackfillEvent>> decide
        )
        {
            var (by, at) = (Http.User.CallerName(), Clock.GetUtcNow());
            await Backfills.Transact(BackfillStream.IdOf(backfillId), x => decide(x, by, at), CancellationToken);
            return await Get(backfillId, Store, CancellationToken);
        }
    }
}
