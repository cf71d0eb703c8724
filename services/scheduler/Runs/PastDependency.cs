namespace Nightshift.Scheduler.Runs;

/// <summary>Whether the previous run lets a task start: <c>depends_on_past</c>, <c>wait_for_downstream</c>.</summary>
public static class PastDependency
{
    /// <summary>
    /// True when the task, and with <c>wait_for_downstream</c> each task that needs it, has succeeded or was skipped.
    /// </summary>
    /// <param name="task">The task that waits.</param>
    /// <param name="previous">The DAG's previous run; null when there is none.</param>
    public static bool IsMet(TaskSpec task, Run? previous) =>
        previous?.Find(task.TaskId) is not { } same // the first run, or the first one that has the task
        || IsDone(same)
            && (!task.WaitForDownstream || previous.Plan.After(task.TaskId).All(x => IsDone(previous.Tasks[x.TaskId])));

    static bool IsDone(TaskInstance task) => task.State is TaskState.Success or TaskState.Skipped;
}
