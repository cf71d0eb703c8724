using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Mapping;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Waiting;

/// <summary>What the tasks of a run wait for: all of them, or as Airflow's dependencies of one.</summary>
static class WaitEndpoints
{
    public static void MapWaiting(this IEndpointRouteBuilder app)
    {
        var run = app.MapGroup("/api/v2/dags/{dagId}/dagRuns/{runId}").RequireRole(Role.Viewer).AnswerInSnakeCase();
        run.MapGet("/dependencies", OfRun);
        foreach (var task in TaskInstanceRoute.Paths("/taskInstances/"))
            run.MapGet($"{task}/dependencies", OfTask);
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
        TaskInstanceRoute task,
        StreamStore<Run> runs,
        WaitReader reader,
        CancellationToken cancellationToken
    )
    {
        var run = await RunEndpoints.Find(dagId, runId, runs, cancellationToken);
        var tasks = task.AllIn(run);
        var facts = await reader.Read(run, cancellationToken);
        var waiting = tasks.Select(x => WaitReasons.Of(run, x, facts)).OfType<WaitingTask>().ToList();
        return new(
            [.. waiting.SelectMany(x => x.Dependencies).DistinctBy(x => (x.Name, x.Reason))],
            waiting.Min(x => x.Since)
        );
    }
}

/// <summary>The waiting tasks of a run, in topological order.</summary>
sealed record WaitingCollection(IReadOnlyList<WaitingTask> TaskInstances, int TotalEntries);

/// <summary>What one task waits for, or the instances of a mapped one; nothing when it runs or has ended.</summary>
/// <param name="Dependencies">What it waits for.</param>
/// <param name="Since">Since when (UTC), where that is known.</param>
sealed record DependencyCollection(IReadOnlyList<Dependency> Dependencies, DateTimeOffset? Since);
