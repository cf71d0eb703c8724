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
        Follow(run, found, next);
        return [.. run.Instances.Select(x => x.TaskId).Where(x => x != task && found.Contains(x))];
    }

    /// <summary>What was given up behind some tasks because of their ends, in topological order.</summary>
    public static IReadOnlyList<string> GivenUpBehind(Run run, IReadOnlyCollection<string> tasks)
    {
        var found = tasks.ToHashSet();
        Follow(run, found, new(tasks));
        found.ExceptWith(tasks);
        return found.Count == 0 ? [] : [.. run.Instances.Select(x => x.TaskId).Where(found.Contains)];
    }

    /// <summary>True for a task that ended because the run was stopped.</summary>
    public static bool EndedWithRun(TaskInstance task) =>
        task
            is { Skip.Reason: SkipReason.Timeout or SkipReason.FailFast or SkipReason.Cancelled }
                or { Failure.Reason: TaskFailure.Stopped };

    static void Follow(Run run, HashSet<string> found, Queue<string> next)
    {
        while (next.TryDequeue(out var id))
            foreach (var behind in run.Plan.After(id).Concat(run.Plan.ScopeOf(id)).SelectMany(run.InstancesOf))
                if (IsGivenUp(run.Tasks[behind.TaskId], found) && found.Add(behind.TaskId))
                    next.Enqueue(behind.TaskId);
    }

    static bool IsGivenUp(TaskInstance task, HashSet<string> reopened) =>
        task switch
        {
            { State: TaskState.UpstreamFailed } => true,
            { State: not TaskState.Skipped } => false,
            { Skip.Reason: SkipReason.Branch or SkipReason.ShortCircuit, Skip.By: { } by } => reopened.Contains(by),
            { Skip.Reason: SkipReason.Condition or SkipReason.ExitCode } => false, // it had its turn
            { Skip.Reason: SkipReason.Marked } => false, // a person decided
            _ => true,
        };
}
