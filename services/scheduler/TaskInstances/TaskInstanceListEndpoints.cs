using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.TaskInstances;

/// <summary>
/// <c>/api/v2/dags/{dag}/dagRuns/{run}/taskInstances</c>, in Airflow's shapes. With <c>~</c> for the run it lists over
/// runs, with <c>~</c> for the DAG as well over all DAGs.
/// </summary>
static class TaskInstanceListEndpoints
{
    public static void MapTaskInstanceLists(this IEndpointRouteBuilder app)
    {
        var tasks = app.MapGroup("/api/v2/dags/{dagId}/dagRuns/{runId}/taskInstances")
            .RequireRole(Role.Viewer)
            .AnswerInSnakeCase();
        tasks.MapGet("", List);
        tasks.MapPost("/list", ListBatch);
    }

    /// <param name="dagId">The DAG; <c>~</c> for all.</param>
    /// <param name="runId">The run; <c>~</c> for all.</param>
    /// <param name="page">Which part. Of one run all by default, and without a cursor.</param>
    /// <param name="orderBy">Over runs start_date (the default, the latest first) or updated_at; of one run also task_id,
    /// state, try_number, end_date or duration, and by default the order of the DAG's file.</param>
    /// <param name="request">Has the filters, see <see cref="TaskInstanceList.Conditions"/>.</param>
    /// <param name="rows">Reads lists over runs.</param>
    /// <param name="runs">Loads one run.</param>
    /// <param name="catalog">Knows the DAGs.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<object> List(
        string dagId,
        string runId,
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        HttpRequest request,
        RowList rows,
        StreamStore<Run> runs,
        DagCatalog catalog,
        CancellationToken cancellationToken
    )
    {
        if (runId != "~")
            return OfRun(await RunEndpoints.Find(dagId, runId, runs, cancellationToken), page, request.Query);
        var order = TaskInstanceList.Order(orderBy);
        var conditions = TaskInstanceList.Conditions(
            dagId == "~" ? [] : [dagId],
            request.Query["run_id"],
            request.Query["task_id"],
            request.Query
        );
        var found = await Read(rows, page, order, conditions, cancellationToken);
        if (found.TotalEntries == 0 && dagId != "~" && (await catalog.Find(dagId, cancellationToken)).Spec is null)
            throw UnknownDag.Named(dagId);
        return found;
    }

    static TaskInstanceCollection OfRun(Run run, PageRequest page, IQueryCollection query)
    {
        var (limit, offset) = page.Check();
        var found = TaskInstanceList.Of(TaskInstanceCollection.Of(run), query);
        return new([.. found.Skip(offset).Take(page.Limit is null ? found.Count : limit)], found.Count);
    }

    // Airflow's list for filters that are too long for an address.
    static async Task<TaskInstancePage> ListBatch(
        string dagId,
        string runId,
        JsonElement body,
        RowList rows,
        CancellationToken cancellationToken
    )
    {
        if ((dagId, runId) != ("~", "~"))
            throw new RejectedException(
                "invalid_dag_id",
                "Write '~' for DAG and run, and name them in 'dag_ids' and 'dag_run_ids'"
            );
        var query = BatchBody.Read(body, TaskInstanceList.BodyFields);
        var order = TaskInstanceList.Order(query["order_by"]);
        var conditions = TaskInstanceList.Conditions(query["dag_ids"], query["dag_run_ids"], query["task_ids"], query);
        return await Read(rows, BatchBody.Page(query), order, conditions, cancellationToken);
    }

    static async Task<TaskInstancePage> Read(
        RowList rows,
        PageRequest page,
        RowOrder order,
        IReadOnlyList<RowCondition> conditions,
        CancellationToken cancellationToken
    ) =>
        TaskInstancePage.Of(
            await rows.Read<ListedTaskInstance>(TaskInstanceTable.Rows, page, order, conditions, cancellationToken)
        );
}
