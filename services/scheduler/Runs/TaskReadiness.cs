using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary>Whether a task of a run may start: its trigger rule, and the setups in whose scope it is.</summary>
public static class TaskReadiness
{
    /// <summary>The verdict on a task that has not begun.</summary>
    public static Verdict Judge(Run run, TaskSpec task)
    {
        // as in Airflow, what waits for nothing does not wait for setups either
        if (task.Needs.Count == 0 || task.Rule is TriggerRule.Always)
            return Verdict.Ready;
        var setups = OfSetups(run, run.Plan.IndirectSetups(task.TaskId));
        if (setups is Verdict.Skip or Verdict.UpstreamFailed)
            return setups;
        var rule = TriggerRules.Judge(task.Rule, run.Tasks[task.TaskId].Upstream);
        return rule is Verdict.Ready ? setups : rule;
    }

    // One setup that failed or was skipped decides; the others are not waited for.
    static Verdict OfSetups(Run run, IReadOnlyList<string> setups)
    {
        if (setups.Count == 0)
            return Verdict.Ready;
        var states = setups.Select(x => run.Tasks[x].State).ToList();
        return states.Any(x => x is TaskState.Failed or TaskState.UpstreamFailed) ? Verdict.UpstreamFailed
            : states.Contains(TaskState.Skipped) ? Verdict.Skip
            : states.All(x => x is TaskState.Success) ? Verdict.Ready
            : Verdict.Wait;
    }
}
