using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Which tasks of a run are meant.</summary>
/// <param name="Tasks">Their ids, which mean all instances of a mapped task, ids of instances, and ids of groups for all
/// tasks in them; null for all.</param>
public sealed record TaskSelection(IReadOnlyList<string>? Tasks)
{
    /// <summary>And every task before them.</summary>
    public bool Upstream { get; init; }

    /// <summary>And every task behind them.</summary>
    public bool Downstream { get; init; }

    /// <summary>Of these only tasks that are failed or upstream failed, or ended because their run was stopped.</summary>
    public bool OnlyFailed { get; init; }

    /// <summary>Of these only tasks whose attempt runs.</summary>
    public bool OnlyRunning { get; init; }

    /// <summary>True when the names are those of groups alone.</summary>
    public bool IsGroup { get; init; }

    /// <summary>True when a name that the run's version of the DAG does not have is passed over.</summary>
    public bool SkipsUnknown { get; init; }

    /// <summary>Whether the task itself is named, and not only a group that it is in.</summary>
    public bool Names(TaskSpec task) =>
        Tasks?.Any(x => x == task.TaskId || x == TaskInstanceId.TaskOf(task.TaskId)) is true;

    /// <summary>The tasks by name, whatever their states, in topological order.</summary>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public IReadOnlyList<TaskSpec> In(Run run)
    {
        if (Tasks is null)
            return [.. run.Instances];
        var found = Tasks.SelectMany(x => Named(run, x)).Select(x => x.TaskId).ToHashSet();
        var around = new HashSet<string>();
        if (Upstream)
            around.UnionWith(run.Plan.Upstream(found));
        if (Downstream)
            around.UnionWith(run.Plan.Downstream(found).Select(x => x.TaskId));
        found.UnionWith(around.SelectMany(run.Named).Select(x => x.TaskId));
        return [.. run.Instances.Where(x => found.Contains(x.TaskId))];
    }

    /// <summary>
    /// The tasks that run again when these are cleared, in topological order: with the setups and teardowns that they
    /// need, and with what ended because the run was stopped.
    /// </summary>
    /// <exception cref="RejectedException"><c>unknown_task</c></exception>
    public IReadOnlyList<string> ToClear(Run run)
    {
        var chosen = In(run).Select(x => x.TaskId).Where(x => IsMeant(run.Tasks[x])).ToHashSet();
        if (chosen.Count == 0)
            return [];
        if (run.Stopped is not null)
            chosen.UnionWith(run.Tasks.Where(x => ReopenedTasks.EndedWithRun(x.Value)).Select(x => x.Key));
        AddSetupsAndTeardowns(run, chosen);
        var (cleared, tasks) = (new List<string>(), new HashSet<string>());
        foreach (var task in run.Instances.Where(x => chosen.Contains(x.TaskId)))
            if (Changes(run.Tasks[task.TaskId], task, tasks))
            {
                cleared.Add(task.TaskId);
                tasks.Add(TaskInstanceId.TaskOf(task.TaskId));
            }
        return cleared;
    }

    IReadOnlyList<TaskSpec> Named(Run run, string id) =>
        run.Named(id) is { Count: > 0 } tasks && (!IsGroup || run.Plan.Names.IsGroup(id)) ? tasks
        : SkipsUnknown ? []
        : throw UnknownTask.Named(run, id, IsGroup);

    bool IsMeant(TaskInstance task) =>
        (!OnlyFailed || task.State is TaskState.Failed or TaskState.UpstreamFailed || ReopenedTasks.EndedWithRun(task))
        && (!OnlyRunning || task.State is TaskState.Running);

    // One that has not begun has nothing to clear. One that is scheduled or queued is about to run, unless it has to wait
    // again.
    static bool Changes(TaskInstance task, TaskSpec spec, HashSet<string> cleared) =>
        task.State switch
        {
            TaskState.None => false,
            TaskState.Scheduled or TaskState.Queued => spec.Needs.Any(cleared.Contains),
            _ => true,
        };

    // Work that runs again needs its surroundings made, and taken down, again.
    static void AddSetupsAndTeardowns(Run run, HashSet<string> chosen)
    {
        var (plan, tasks) = (run.Plan, chosen.Select(TaskInstanceId.TaskOf).ToHashSet());
        foreach (var setup in plan.Tasks.Where(x => x.Role is TaskRole.Setup))
        {
            var teardowns = plan.After(setup.TaskId).Where(x => x.Role is TaskRole.Teardown).ToList();
            var inside = teardowns.Count > 0 ? plan.Upstream(teardowns.Select(x => x.TaskId)) : null;
            var scope = plan.Downstream([setup.TaskId])
                .Where(x => x.Role is not TaskRole.Teardown && inside?.Contains(x.TaskId) is not false);
            if (!tasks.Contains(setup.TaskId) && !scope.Any(x => tasks.Contains(x.TaskId)))
                continue;
            tasks.UnionWith(teardowns.Select(x => x.TaskId).Prepend(setup.TaskId));
            chosen.UnionWith(teardowns.Prepend(setup).SelectMany(run.InstancesOf).Select(x => x.TaskId));
        }
    }
}
