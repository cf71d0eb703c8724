using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary><c>/api/v2/dags/{dag}/dagRuns</c> and what is under it, in Airflow's shapes.</summary>
static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/api/v2/dags/{dagId}/dagRuns").RequireRole(Role.Viewer).AnswerInSnakeCase();
        runs.MapPost("/", Trigger).RequireRole(Role.Operator);
        runs.MapGet("/", List);
        runs.MapPost("/list", ListBatch);
        runs.MapGet(
            "/{runId}",
            async (string dagId, string runId, StreamStore<Run> store, CancellationToken cancellationToken) =>
                RunBody.Of(await Find(dagId, runId, store, cancellationToken))
        );
        runs.MapGet(
            "/{runId}/taskInstances",
            async (
                string dagId,
                string runId,
                [FromQuery(Name = "task_group_id")] string? taskGroupId,
                StreamStore<Run> store,
                CancellationToken cancellationToken
            ) => TaskInstanceCollection.Of(await Find(dagId, runId, store, cancellationToken), taskGroupId)
        );
        runs.MapGet("/{runId}/taskInstances/{taskId}", FindTask);
        runs.MapGet("/{runId}/taskInstances/{taskId}/tries", FindTries);
        runs.MapGet("/{runId}/taskInstances/{taskId}/tries/{tryNumber:int:min(1)}", FindTry);
        runs.MapGet("/{runId}/taskInstances/{taskId}/renderedFields", FindRenderedFields);
    }

    /// <param name="dagId">The DAG; <c>~</c> for any.</param>
    /// <param name="runId">The run.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="tryNumber">Which attempt; null for the latest.</param>
    /// <param name="store">The runs.</param>
    /// <param name="works">Reads what attempts were asked to do.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<RenderedFieldsBody> FindRenderedFields(
        string dagId,
        string runId,
        string taskId,
        [FromQuery(Name = "try_number")] int? tryNumber,
        StreamStore<Run> store,
        QueuedWork works,
        CancellationToken cancellationToken
    )
    {
        var run = await Find(dagId, runId, store, cancellationToken);
        if (run.Find(taskId) is null)
            throw new RejectedException("unknown_task", $"Run '{runId}' has no task '{taskId}'");
        var tries = await works.Of(runId, [taskId], cancellationToken);
        var number = tryNumber ?? tries.Keys.Select(x => x.Attempt).DefaultIfEmpty().Max();
        return tries.TryGetValue((taskId, number), out var work)
            ? new(run.Queued!.DagId, runId, taskId, number, RenderedFields.Of(work))
            : throw new RejectedException(
                "unknown_try",
                tryNumber is null
                    ? $"Task '{taskId}' of run '{runId}' has not been queued, so nothing of it is rendered"
                    : $"Task '{taskId}' of run '{runId}' has no try {tryNumber} that was queued"
            );
    }

    // With all it handed on: at most 64 values of 32 KiB.
    static async Task<TaskInstanceBody> FindTask(
        string dagId,
        string runId,
        string taskId,
        StreamStore<Run> store,
        RunStore outputs,
        QueuedWork works,
        CancellationToken cancellationToken
    )
    {
        var run = await Find(dagId, runId, store, cancellationToken);
        if (run.Find(taskId) is not { } task)
            throw new RejectedException("unknown_task", $"Run '{runId}' has no task '{taskId}'");
        return TaskInstanceBody.Of(run.Queued!, run.Plan[taskId], task) with
        {
            Outputs = await outputs.OutputsOf(run, task, cancellationToken),
            StoredOutputs = null,
            RenderedFields = (await works.Of(runId, [taskId], cancellationToken)).TryGetValue(
                (taskId, task.Attempt),
                out var work
            )
                ? Runs.RenderedFields.Of(work)
                : null,
        };
    }

    static async Task<TaskTryCollection> FindTries(
        string dagId,
        string runId,
        string taskId,
        StreamStore<Run> store,
        TaskTries tries,
        CancellationToken cancellationToken
    )
    {
        var run = await Find(dagId, runId, store, cancellationToken);
        if (run.Find(taskId) is null)
            throw new RejectedException("unknown_task", $"Run '{runId}' has no task '{taskId}'");
        var found = await tries.Of(runId, taskId, cancellationToken);
        return new([.. found.Select(x => TaskTryBody.Of(run.Queued!, taskId, x))], found.Count);
    }

    static async Task<TaskTryBody> FindTry(
        string dagId,
        string runId,
        string taskId,
        int tryNumber,
        StreamStore<Run> store,
        TaskTries tries,
        CancellationToken cancellationToken
    ) =>
        (await FindTries(dagId, runId, taskId, store, tries, cancellationToken)).TaskInstances.FirstOrDefault(x =>
            x.TryNumber == tryNumber
        ) ?? throw new RejectedException("unknown_try", $"Task '{taskId}' of run '{runId}' has no try {tryNumber}");

    static async Task<JsonHttpResult<RunBody>> Trigger(
        string dagId,
        TriggerRequest body,
        HttpContext http,
        [AsParameters] TriggerServices services,
        CancellationToken cancellationToken
    )
    {
        var committed = await Start(dagId, body, http.User.CallerName(), services, cancellationToken);
        var answer = RunBody.Of(committed.State);
        return TypedResults.Json(
            answer,
            AirflowJson.Options,
            statusCode: committed.Events.Count > 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK
        );
    }

    /// <summary>What makes a run.</summary>
    internal sealed record TriggerServices(DagCatalog Catalog, RunStore Runs, DiskSpace Disk, TimeProvider Clock);

    /// <summary>Starts a run; no events when it exists.</summary>
    internal static async Task<Committed<Run>> Start(
        string dagId,
        TriggerRequest body,
        string by,
        TriggerServices services,
        CancellationToken cancellationToken
    )
    {
        var (catalog, runs, disk, clock) = services;
        disk.RequireRoom();
        var dag = await catalog.Find(dagId, cancellationToken);
        if (dag is not { Live: true, Spec: { } spec })
            throw UnknownDag.Named(dagId);
        var at = clock.GetUtcNow();
        var runId = TriggerRequest.RunIdOf(dagId, body.DagRunId, at);
        var start = new StartRun(
            runId,
            spec,
            dag.Version,
            RunType.Manual,
            by,
            body.LogicalDate?.ToUniversalTime() ?? body.RunAfter?.ToUniversalTime() ?? at,
            body.Interval(),
            new Dictionary<string, string?>(),
            new Dictionary<string, string>(),
            at
        )
        {
            RunAfter = body.RunAfter?.ToUniversalTime(),
            Note = RunNote.Check(body.Note),
            IsPaused = dag.IsPaused,
        }.With(body.Conf);
        return await runs.Transact(
            runId.Value,
            (run, values) => RunDecider.Decide(run, start, values),
            cancellationToken,
            expectNew: true
        );
    }

    /// <param name="dagId">The DAG; <c>~</c> is Airflow's word for all of them.</param>
    /// <param name="page">Which part.</param>
    /// <param name="orderBy">queued_at (the default, the latest first), run_after, logical_date, start_date, end_date,
    /// updated_at or duration; with a dash the latest, or the longest, first. Runs without a value come last.</param>
    /// <param name="request">Has the filters, see <see cref="RunList.Conditions"/>.</param>
    /// <param name="rows">Reads the list.</param>
    /// <param name="catalog">Knows the DAGs.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    static async Task<RunCollection> List(
        string dagId,
        [AsParameters] PageRequest page,
        [FromQuery(Name = "order_by")] string? orderBy,
        HttpRequest request,
        RowList rows,
        DagCatalog catalog,
        CancellationToken cancellationToken
    )
    {
        var conditions = RunList.Conditions(dagId == "~" ? [] : [dagId], request.Query);
        var found = await rows.Read<RunRow>(page, RunList.Order(orderBy), conditions, cancellationToken);
        if (found.Rows.Count == 0 && dagId != "~" && (await catalog.Find(dagId, cancellationToken)).Spec is null)
            throw UnknownDag.Named(dagId);
        return RunCollection.Of(found);
    }

    // Airflow's list for filters that are too long for an address; the DAG must be ~.
    static async Task<RunCollection> ListBatch(
        string dagId,
        JsonElement body,
        RowList rows,
        CancellationToken cancellationToken
    )
    {
        if (dagId != "~")
            throw new RejectedException("invalid_dag_id", "Write '~' for the DAG, and name DAGs in 'dag_ids'");
        var query = BatchBody.Read(body, RunList.BodyFields);
        var order = RunList.Order(query["order_by"]);
        var conditions = RunList.Conditions(query["dag_ids"], query, states: "states");
        return RunCollection.Of(await rows.Read<RunRow>(BatchBody.Page(query), order, conditions, cancellationToken));
    }

    internal static async Task<Run> Find(
        string dagId,
        string runId,
        StreamStore<Run> runs,
        CancellationToken cancellationToken
    )
    {
        var (run, _) = await runs.Load(runId, cancellationToken);
        return run.Queued is { } queued && (dagId == "~" || queued.DagId == dagId)
            ? run
            : throw new RejectedException(
                "unknown_run",
                dagId == "~" ? $"There is no run '{runId}'" : $"DAG '{dagId}' has no run '{runId}'"
            );
    }
}
