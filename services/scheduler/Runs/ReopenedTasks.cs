namespace Nightshift.Scheduler.Runs;

/// <summary>Which tasks wait again when a task is cleared.</summary>
static class ReopenedTasks
{
    /// <summary>
    /// What was given up behind the task because of its end, and whatever was stopped or skipped with the run. A task
    /// that a branch did not choose stays skipped unless the branching task is cleared too.
    /// </summary>
    public static IReadOnlyList<string> Behind(Run run, string task)
    {
        var (found, next) = (new HashSet<string> { task }, new Queue<string>([task]));
        if (run.Stopped is not null)
            foreach (var (stopped, _) in run.Tasks.Where(x => EndedWithRun(x.Value)))
                if (found.Add(stopped))
                    next.Enqueue(stopped);
        while (next.TryDequeue(out var id))
            foreach (var behind in run.Plan.After(id).Concat(run.Plan.ScopeOf(id)))
                if (IsGivenUp(run.Tasks[behind.TaskId], found) && found.Add(behind.TaskId))
                    next.Enqueue(behind.TaskId);
        return [.. run.Plan.Tasks.Select(x => x.TaskId).Where(x => x != task && found.Contains(x))];
    }

    static bool EndedWithRun(TaskInstance task) =>
        task is { Skip.Reason: SkipReason.Timeout or SkipReason.FailFast } or { Failure.Reason: TaskFailure.Stopped };

    static bool IsGivenUp(TaskInstance task, HashSet<string> reopened) =>
        task switch
        {
            { State: TaskState.UpstreamFailed } => true,
            { State: not TaskState.Skipped } => false,
            { Skip.Reason: SkipReason.Branch or SkipReason.ShortCircuit, Skip.By: { } by } => reopened.Contains(by),
            { Skip.Reason: SkipReason.Condition or SkipReason.ExitCode } => false, // it had its turn
            _ => true,
        };
}
