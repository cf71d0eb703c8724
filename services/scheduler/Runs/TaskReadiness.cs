using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Whether a task of a run may start: its trigger rule, the setups in whose scope it is, and the tasks over whose outputs
/// it is to be mapped.
/// </summary>
public static class TaskReadiness
{
    /// <summary>The verdict on a task that has not begun.</summary>
    public static Verdict Judge(Run run, TaskSpec task)
    {
        var sources = run.IsToBeMapped(task) ? OfSources(run, task) : Verdict.Ready;
        if (sources is Verdict.Skip or Verdict.UpstreamFailed)
            return sources;
        var verdict = OfRuleAndSetups(run, task);
        return verdict is Verdict.Ready ? sources : verdict;
    }

    static Verdict OfRuleAndSetups(Run run, TaskSpec task)
    {
        // as in Airflow, what waits for nothing does not wait for setups either
        if (task.Needs.Count == 0 || task.Rule is TriggerRule.Always)
            return Verdict.Ready;
        var setups = OfSetups(run, run.Plan.IndirectSetups(task.TaskId));
        if (setups is Verdict.Skip or Verdict.UpstreamFailed)
            return setups;
        var rule = TriggerRules.Judge(task.Rule, run.UpstreamOf(task.TaskId));
        return rule is Verdict.Ready ? setups : rule;
    }

    // As in Airflow, whatever the rule says: without their outputs there is nothing to map over. One that is mapped
    // itself hands on what its instances did.
    static Verdict OfSources(Run run, TaskSpec task)
    {
        var sources = run.Plan.MappedOver(task.TaskId);
        var states = sources.Where(x => run.MappedOf(x) is null).Select(x => run.Tasks[x].State).ToList();
        return states.Any(x => x is TaskState.Failed or TaskState.UpstreamFailed) ? Verdict.UpstreamFailed
            : states.Contains(TaskState.Skipped) ? Verdict.Skip
            : sources.All(run.HasEnded) ? Verdict.Ready
            : Verdict.Wait;
    }

    // One setup that failed or was skipped decides; the others are not waited for.
    static Verdict OfSetups(Run run, IReadOnlyList<string> setups)
    {
        if (setups.Count == 0)
            return Verdict.Ready;
        var states = setups.Select(run.StateOf).ToList();
        return states.Any(x => x is TaskState.Failed or TaskState.UpstreamFailed) ? Verdict.UpstreamFailed
            : states.Contains(TaskState.Skipped) ? Verdict.Skip
            : states.All(x => x is TaskState.Success) ? Verdict.Ready
            : Verdict.Wait;
    }
}
