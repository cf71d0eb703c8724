namespace Nightshift.Scheduler.Runs;

/// <summary>Whether the previous run lets a task start: <c>depends_on_past</c>, <c>wait_for_downstream</c>.</summary>
public static class PastDependency
{
    /// <summary>
    /// True when the task, and with <c>wait_for_downstream</c> each task that needs it, has succeeded or was skipped; of
    /// a mapped task each instance, as in Airflow: the items of two runs need not be the same.
    /// </summary>
    /// <param name="task">The task that waits.</param>
    /// <param name="previous">The DAG's previous run; null when there is none.</param>
    public static bool IsMet(TaskSpec task, Run? previous)
    {
        var name = TaskInstanceId.TaskOf(task.TaskId);
        if (previous?.Plan.Has(name) is not true) // the first run, or the first one that has the task
            return true;
        TaskSpec[] awaited = task.WaitForDownstream
            ? [previous.Plan[name], .. previous.Plan.After(name)]
            : [previous.Plan[name]];
        return awaited.SelectMany(previous.InstancesOf).All(x => IsDone(previous.Tasks[x.TaskId]));
    }

    static bool IsDone(TaskInstance task) => task.State is TaskState.Success or TaskState.Skipped;
}
