using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// What others hear of what a person did to a run: executors stop attempts, and healing leaves the tasks alone.
/// </summary>
static class InterventionMessages
{
    public static void Map(OutgoingMap map)
    {
        map.On<TaskCancelled>(e =>
            Of(e.StreamKey!, [new(e.Data.Task, e.Data.Attempt, e.Data.Queue)], $"cancelled by {e.Data.By}", e.Data.At)
        );
        map.On<TaskMarked>(e =>
            Of(
                e.StreamKey!,
                [new(e.Data.Task, e.Data.Attempt, e.Data.Queue)],
                $"marked {NameOf(e.Data.State)} by {e.Data.By}",
                e.Data.At,
                alreadyPublished: e.Data.WithRun
            )
        );
        map.On<TasksCleared>(e =>
            Of(e.StreamKey!, e.Data.Tasks, $"cleared by {e.Data.By}", e.Data.At, alreadyPublished: e.Data.BehindMark)
        );
        map.Publish<RunStopped>(e =>
            e.Data.By is null ? null
            : e.Data.Reason is StopReason.Cancelled ? WholeRun(e.StreamKey!, $"cancelled by {e.Data.By}", e.Data.At)
            : WholeRun(e.StreamKey!, $"marked failed by {e.Data.By}", e.Data.At)
        );
        map.Publish<RunMarkedSuccess>(e => WholeRun(e.StreamKey!, $"marked success by {e.Data.By}", e.Data.At));
    }

    /// <param name="streamId">The run's stream.</param>
    /// <param name="tasks">The tasks, and the attempts that are stopped.</param>
    /// <param name="what">What was done.</param>
    /// <param name="at">When (UTC).</param>
    /// <param name="alreadyPublished">True when another event of the same decision covers these tasks.</param>
    static IEnumerable<Outgoing> Of(
        string streamId,
        IReadOnlyList<ClearedTask> tasks,
        string what,
        DateTimeOffset at,
        bool alreadyPublished = false
    )
    {
        foreach (var (task, attempt, queue) in tasks)
            if (queue is not null)
                yield return RunStream.Stop(streamId, task, attempt, queue, $"The task was {what}");
        // healing knows only tasks that have been tried
        if (!alreadyPublished && tasks.Where(x => x.Attempt > 0).Select(x => x.Task).ToList() is { Count: > 0 } tried)
            yield return new(TakenOver(streamId, tried, what, at));
    }

    static TasksTakenOver WholeRun(string streamId, string what, DateTimeOffset at) =>
        TakenOver(streamId, tasks: null, what, at);

    static TasksTakenOver TakenOver(string streamId, IReadOnlyList<string>? tasks, string what, DateTimeOffset at)
    {
        var (dag, run) = RunStream.Of(streamId);
        return new(dag, run, tasks, what, at);
    }

    static string NameOf(TaskState state) => state.ToString().ToLowerInvariant();
}
