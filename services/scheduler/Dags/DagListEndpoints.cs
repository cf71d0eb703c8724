using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary><c>/api/v2/dags</c>, in Airflow's shapes: the list, and what is done to all DAGs of it.</summary>
static class DagListEndpoints
{
    public static void MapDagList(this IEndpointRouteBuilder app)
    {
        var dags = app.MapGroup("/api/v2/dags").RequireRole(Role.Viewer).AnswerInSnakeCase();
        dags.MapGet("", List);
        dags.MapPatch("", Patch).RequireRole(Role.Operator);
    }

    /// <param name="page">Which part; there is no cursor. All by default.</param>
    /// <param name="orderBy">dag_id (the default), next_dagrun, last_run_state or last_run_start_date; with a dash in
    /// reverse.</param>
    /// <param name="request">Has the filters, see <see cref="DagFilter"/>.</param>
    /// <param name="dags">Finds them.</param>
    /// <param name="folder">Knows whose files have mistakes.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<DagCollection> List(
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        HttpRequest request,
        DagList dags,
        DagFolder folder,
        CancellationToken cancellationToken
    )
    {
        var (limit, offset) = page.Check();
        var found = await dags.Find(DagFilter.Of(request.Query), orderBy, cancellationToken);
        var shown = found.Skip(offset).Take(page.Limit is null ? found.Count : limit);
        return new([.. shown.Select(x => DagBody.Of(x.Row, x.Cursor, folder))], found.Count);
    }

    /// <summary>Pauses or unpauses all DAGs that the filters name, each for itself.</summary>
    /// <param name="body">What to change.</param>
    /// <param name="mask">May name is_paused, which is all there is.</param>
    /// <param name="http">The request, with the filters; <c>dag_id_pattern</c> must be given, <c>~</c> for all.</param>
    /// <param name="list">Finds them.</param>
    /// <param name="dags">Their streams.</param>
    /// <param name="folder">Knows whose files have mistakes.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<DagCollection> Patch(
        DagPatch body,
        [FromQuery(Name = "update_mask")] string[] mask,
        HttpContext http,
        DagList list,
        StreamStore<Dag> dags,
        DagFolder folder,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (new UpdateMask(mask, "is_paused").Of("is_paused", body.IsPaused) is not { } paused)
            throw new RejectedException("invalid_is_paused", "'is_paused' is missing; give true or false");
        if (http.Request.Query["dag_id_pattern"].Count == 0)
            throw new RejectedException(
                "invalid_dag_id_pattern",
                "'dag_id_pattern' is missing; give a part of the names, or ~ for all DAGs"
            );
        var filter = DagFilter.Of(http.Request.Query) with { ExcludesStale = true };
        var changed = new List<DagBody>();
        foreach (var dag in await list.Find(filter, orderBy: null, cancellationToken))
            try
            {
                await PauseEndpoint.Set(dag.DagId, paused, http.User.CallerName(), dags, clock, cancellationToken);
                changed.Add(DagBody.Of(dag.Row with { IsPaused = paused }, dag.Cursor, folder));
            }
            catch (RejectedException e) when (e.NotFound) { } // its file went meanwhile
        return new(changed, changed.Count);
    }
}
