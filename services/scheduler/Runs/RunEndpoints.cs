using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Disk;
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
        runs.MapGet(
            "/{runId}",
            async (string dagId, string runId, StreamStore<Run> store, CancellationToken cancellationToken) =>
                RunBody.Of(await Find(dagId, runId, store, cancellationToken))
        );
        runs.MapGet(
            "/{runId}/taskInstances",
            async (string dagId, string runId, StreamStore<Run> store, CancellationToken cancellationToken) =>
                TaskInstanceCollection.Of(await Find(dagId, runId, store, cancellationToken))
        );
        runs.MapGet(
            "/{runId}/taskInstances/{taskId}",
            async (
                string dagId,
                string runId,
                string taskId,
                StreamStore<Run> store,
                CancellationToken cancellationToken
            ) =>
                TaskInstanceCollection
                    .Of(await Find(dagId, runId, store, cancellationToken))
                    .TaskInstances.FirstOrDefault(x => x.TaskId == taskId)
                ?? throw new RejectedException("unknown_task", $"Run '{runId}' has no task '{taskId}'")
        );
    }

    static async Task<JsonHttpResult<RunBody>> Trigger(
        string dagId,
        TriggerRequest body,
        HttpContext http,
        DagCatalog catalog,
        StreamStore<Run> runs,
        DiskSpace disk,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        disk.RequireRoom();
        var dag = await catalog.Find(dagId, cancellationToken);
        if (dag is not { Live: true, Spec: { } spec })
            throw new RejectedException(
                "unknown_dag",
                $"There is no DAG '{dagId}'; 'nightshift dags list' shows those there are"
            );
        var at = clock.GetUtcNow();
        var runId = TriggerRequest.RunIdOf(dagId, body.DagRunId, at);
        var start = new StartRun(
            runId,
            spec,
            dag.Version,
            RunType.Manual,
            http.User.CallerName(),
            body.LogicalDate?.ToUniversalTime() ?? at,
            Interval: null,
            body.Conf ?? new Dictionary<string, string?>(),
            new Dictionary<string, string>(),
            at
        );
        var committed = await runs.Transact(runId.Value, run => RunDecider.Decide(run, start), cancellationToken);
        var answer = RunBody.Of(committed.State);
        return TypedResults.Json(
            answer,
            AirflowJson.Options,
            statusCode: committed.Events.Count > 0 ? StatusCodes.Status201Created : StatusCodes.Status200OK
        );
    }

    static async Task<RunCollection> List(
        string dagId,
        IDocumentStore store,
        CancellationToken cancellationToken,
        int limit = 50,
        int offset = 0
    )
    {
        if (limit is < 1 or > 1000 || offset < 0)
            throw new RejectedException("invalid_page", "'limit' must be 1 to 1000 and 'offset' 0 or more");
        await using var session = store.QuerySession();
        IQueryable<RunRow> rows = session.Query<RunRow>();
        if (dagId != "~")
            rows = rows.Where(x => x.DagId == dagId); // ~ is Airflow's word for all of them
        var page = await rows.OrderByDescending(x => x.QueuedAt)
            .Skip(offset)
            .Take(limit)
            .ToListAsync(cancellationToken);
        return new([.. page.Select(RunBody.Of)], await rows.CountAsync(cancellationToken));
    }

    static async Task<Run> Find(string dagId, string runId, StreamStore<Run> runs, CancellationToken cancellationToken)
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
