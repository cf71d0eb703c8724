namespace Nightshift.Scheduler.Runs;

/// <summary>What follows from what a person does to a run.</summary>
sealed partial class RunProgress
{
    /// <summary>Gives a task a state, and judges what waits for it.</summary>
    public RunProgress Mark(string task, TaskState state, string by, string? note, bool withRun = false)
    {
        Add(new TaskMarked(task, state, run.Tasks[task].Attempt, QueueOf(task), by, note, at) { WithRun = withRun });
        return FollowEnd(run.Plan[task]);
    }

    /// <summary>Ends a task.</summary>
    public RunProgress Cancel(string task, string by, string? note)
    {
        Add(new TaskCancelled(task, run.Tasks[task].Attempt, QueueOf(task), by, note, at));
        return FollowEnd(run.Plan[task]);
    }

    /// <summary>Runs tasks again, as soon as their rules allow.</summary>
    public RunProgress Clear(IReadOnlyList<string> tasks, string by, string? note, string? key, bool behindMark = false)
    {
        var again = behindMark ? [] : MappedAgain(tasks);
        Add(
            new TasksCleared(Cleared(tasks), by, note, at)
            {
                Key = key,
                BehindMark = behindMark,
                MappedAgain = again.Count > 0 ? again : null,
            }
        );
        SkipAgain([.. tasks, .. again]);
        return Consider(tasks.Concat(again).Where(x => run.Named(x).Count > 0).Select(x => run.Plan[x]));
    }

    // A mapped task of which nothing stays as it is gets its instances anew. An instance alone keeps its item.
    List<string> MappedAgain(IReadOnlyList<string> cleared)
    {
        if (run.Mapped is not { } mapped)
            return [];
        var names = cleared.ToHashSet();
        return
        [
            .. run
                .Plan.Tasks.Where(x =>
                    mapped.ContainsKey(x.TaskId)
                    && run.InstancesOf(x)
                        .All(y => names.Contains(y.TaskId) || run.Tasks[y.TaskId].State is TaskState.None)
                )
                .Where(x => run.InstancesOf(x).Any(y => names.Contains(y.TaskId)))
                .Select(x => x.TaskId),
        ];
    }

    /// <summary>Runs tasks again, and goes on with another version of the DAG.</summary>
    /// <param name="tasks">Tasks of the version so far.</param>
    /// <param name="replanned">The other version.</param>
    /// <param name="note">Why; null for nothing.</param>
    /// <param name="key">The caller's idempotency key; null for none.</param>
    public RunProgress Replan(IReadOnlyList<string> tasks, RunReplanned replanned, string? note, string? key)
    {
        Add(new TasksCleared(Cleared(tasks), replanned.By, note, at) { Key = key });
        Add(replanned);
        SkipAgain([.. tasks, .. replanned.Added]);
        return Consider(run.Plan.Tasks);
    }

    List<ClearedTask> Cleared(IEnumerable<string> tasks) =>
        [.. tasks.Select(x => new ClearedTask(x, run.Tasks[x].Attempt, QueueOf(x)))];

    /// <summary>
    /// Opens again what had been given up behind tasks that were marked, unless all of it would be given up once more.
    /// A run that was stopped stays as it is.
    /// </summary>
    public RunProgress Resume(IReadOnlyCollection<string> marked, string by)
    {
        Advance();
        if (run.Stopped is not null || ReopenedTasks.GivenUpBehind(run, marked) is not { Count: > 0 } givenUp)
            return this;
        var (before, decided) = (run, events.Count);
        Clear(givenUp, by, note: null, run.ClearKey, behindMark: true).Advance();
        if (givenUp.All(x => run.Find(x)?.State == before.Tasks[x].State))
        {
            run = before;
            events.RemoveRange(decided, events.Count - decided);
        }
        return this;
    }

    // Unlike a failure of its own, one that a person made does not stop a run that fails fast.
    RunProgress FollowEnd(TaskSpec task)
    {
        if (run.Tasks[task.TaskId].State is TaskState.Success)
            SkipBehind(task);
        return Consider(run.Plan.After(task.TaskId)).Consider(run.Plan.ScopeOf(task.TaskId));
    }

    // A branch that is not cleared has chosen once and for all.
    void SkipAgain(IReadOnlyList<string> tasks)
    {
        var cleared = tasks.ToHashSet();
        foreach (var task in run.Plan.Tasks.Where(IsDeciding).SelectMany(run.InstancesOf).ToList())
            if (run.Tasks[task.TaskId].State is TaskState.Success)
                SkipBehind(task, cleared);
    }

    static bool IsDeciding(TaskSpec task) => task is { Branch: not null } or { ShortCircuit: not null };

    string? QueueOf(string task) => run.Tasks[task].IsUnderWay ? run.Plan[task].Queue : null;
}
