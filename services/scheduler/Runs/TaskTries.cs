using Marten;
using Marten.Linq.MatchesSql;

namespace Nightshift.Scheduler.Runs;

/// <summary>One attempt of a task, as the run's events tell it.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="State">How it ended, or where it stands: queued, running, success, failed, up_for_retry, skipped.</param>
/// <param name="QueuedAt">When it was queued (UTC); null when it never was.</param>
/// <param name="StartedAt">When its container ran (UTC); null when it never did.</param>
/// <param name="EndedAt">When it ended (UTC); null while it has not.</param>
/// <param name="MemoryMiB">Its memory limit; null when it was never queued.</param>
/// <param name="Queue">The executor queue it was sent to.</param>
/// <param name="Failure">Why it failed; null when it has not.</param>
public sealed record TaskTry(
    int Number,
    string State,
    DateTimeOffset? QueuedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    int? MemoryMiB,
    string? Queue,
    string? Failure
)
{
    /// <summary>The attempts in the events of one task, oldest first. A late report changes nothing that was decided.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="events">Its events, and those of several tasks.</param>
    public static IReadOnlyList<TaskTry> Of(string task, IEnumerable<object> events)
    {
        var tries = new SortedDictionary<int, TaskTry>();
        foreach (var e in events)
            switch (e)
            {
                case TaskQueued x:
                    tries[x.Attempt] = new(
                        x.Attempt,
                        "queued",
                        x.At,
                        StartedAt: null,
                        EndedAt: null,
                        x.Work.MemoryMiB,
                        x.Work.Queue,
                        Failure: null
                    );
                    break;
                case TaskStarted x:
                    Change(x.Attempt, t => t with { State = "running", StartedAt = x.At });
                    break;
                case TaskSucceeded x:
                    Change(x.Attempt, t => t with { State = "success", EndedAt = x.At });
                    break;
                case TaskUpForRetry x:
                    Failed(x.Attempt, "up_for_retry", TaskFailure.Of(x.Reason, x.Detail), x.At);
                    break;
                case TaskRequeued x:
                    Failed(x.Attempt, "up_for_retry", TaskFailure.Of(x.Reason, x.Detail), x.At);
                    break;
                case TaskFailed x:
                    Failed(x.Attempt, "failed", TaskFailure.Of(x.Reason, x.Detail), x.At);
                    break;
                case TaskSkipped x when tries.Count > 0:
                    Change(
                        tries.Keys.Last(),
                        t => t.EndedAt is null ? t with { State = "skipped", EndedAt = x.At } : t
                    );
                    break;
                case TaskStopped x:
                    Failed(x.Attempt, "failed", new(TaskFailure.Stopped, ""), x.At);
                    break;
                // an attempt that had ended stays as it was, whatever a person says of its task
                case TaskCancelled { Queue: not null } x:
                    Failed(x.Attempt, "failed", new(TaskFailure.Cancelled, $"by {x.By}"), x.At);
                    break;
                case TaskMarked { Queue: not null } x:
                    Failed(x.Attempt, "failed", new(TaskFailure.Stopped, $"marked by {x.By}"), x.At);
                    break;
                case TasksCleared x:
                    foreach (var (_, attempt, _) in x.Tasks.Where(t => t.Task == task && t.Queue is not null))
                        Failed(attempt, "failed", new(TaskFailure.Stopped, $"cleared by {x.By}"), x.At);
                    break;
            }
        return [.. tries.Values];

        void Failed(int attempt, string state, TaskFailure why, DateTimeOffset at) =>
            Change(attempt, t => t with { State = state, EndedAt = at, Failure = why.ToString() });

        // An attempt that could not even be queued, for want of an output, has no other event.
        void Change(int attempt, Func<TaskTry, TaskTry> change) =>
            tries[attempt] = change(
                tries.GetValueOrDefault(attempt) ?? new(attempt, "queued", null, null, null, null, null, null)
            );
    }
}

/// <summary>Reads the attempts of a task from its run's stream.</summary>
public sealed class TaskTries(IDocumentStore store)
{
    // an event of one task, or of several
    const string OfTask = """
        (d.data ->> 'task' = ? or d.type = 'tasks_cleared'
          and d.data -> 'tasks' @> jsonb_build_array(jsonb_build_object('task', ?::text)))
        """;

    /// <summary>All attempts, oldest first; only the events of that task are read.</summary>
    public async Task<IReadOnlyList<TaskTry>> Of(string runId, string task, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var stream = RunStream.Definition.Prefix + runId;
        var events = await session
            .Events.QueryAllRawEvents()
            .Where(x => x.StreamKey == stream && x.MatchesSql(OfTask, task, task))
            .OrderBy(x => x.Version)
            .ToListAsync(cancellationToken);
        return TaskTry.Of(task, events.Select(x => x.Data));
    }
}
