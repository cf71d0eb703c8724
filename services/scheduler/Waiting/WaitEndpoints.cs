using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Waiting;

/// <summary>What the tasks of a run wait for: all of them, or as Airflow's dependencies of one.</summary>
static class WaitEndpoints
{
    public static void MapWaiting(this IEndpointRouteBuilder app)
    {
        var run = app.MapGroup("/api/v2/dags/{dagId}/dagRuns/{runId}").RequireRole(Role.Viewer).AnswerInSnakeCase();
        run.MapGet("/dependencies", OfRun);
        run.MapGet("/taskInstances/{taskId}/dependencies", OfTask);
    }

    static async Task<WaitingCollection> OfRun(
        string dagId,
        string runId,
        StreamStore<Run> runs,
        WaitReader reader,
        CancellationToken cancellationToken
    )
    {
        var run = await RunEndpoints.Find(dagId, runId, runs, cancellationToken);
        var waiting = WaitReasons.Of(run, await reader.Read(run, cancellationToken));
        return new(waiting, waiting.Count);
    }

    static async Task<DependencyCollection> OfTask(
        string dagId,
        string runId,
        string taskId,
        StreamStore<Run> runs,
        WaitReader reader,
        CancellationToken cancellationToken
    )
    {
        var run = await RunEndpoints.Find(dagId, runId, runs, cancellationToken);
        if (run.Find(taskId) is null)
            throw new RejectedException("unknown_task", $"Run '{runId}' has no task '{taskId}'");
        var waiting = WaitReasons.Of(run, run.Plan[taskId], await reader.Read(run, cancellationToken));
        return new(waiting?.Dependencies ?? [], waiting?.Since);
    }
}

/// <summary>The waiting tasks of a run, in topological order.</summary>
sealed record WaitingCollection(IReadOnlyList<WaitingTask> TaskInstances, int TotalEntries);

/// <summary>What one task waits for; nothing when it runs or has ended.</summary>
/// <param name="Dependencies">What it waits for.</param>
/// <param name="Since">Since when (UTC), where that is known.</param>
sealed record DependencyCollection(IReadOnlyList<Dependency> Dependencies, DateTimeOffset? Since);
