namespace Nightshift.DagFiles;

/// <summary>
/// Finds combinations of fields that cannot mean what was intended. The rules about setups, teardowns and
/// <c>fail_fast</c> are Airflow's.
/// </summary>
static class TaskFlowChecks
{
    /// <summary>Setups of one DAG. Each has a scope of its own, which may be the whole DAG.</summary>
    public const int MostSetups = 100;

    /// <summary>What is wrong within one task, with the field it is about.</summary>
    public static IEnumerable<(string Field, string Mistake)> Of(TaskSpec task, IEnumerable<string> written)
    {
        if (task is { Role: TaskRole.Teardown, Rule: not TriggerRule.AllDoneSetupSuccess })
            yield return (
                "trigger_rule",
                $"Teardown '{task.TaskId}' always has the trigger rule all_done_setup_success; remove 'trigger_rule'"
            );
        if (task is { OnFailureFailDagRun: true, Role: not TaskRole.Teardown })
            yield return (
                "on_failure_fail_dagrun",
                $"'on_failure_fail_dagrun' is for teardowns; add 'teardown: true' to '{task.TaskId}' or remove it"
            );
        if (task is { Branch: not null, ShortCircuit: not null })
            yield return ("short_circuit", $"'{task.TaskId}' cannot both branch and short-circuit; write two tasks");
        if ((task.Branch ?? task.ShortCircuit?.Output) is { } output && task.Kind == "noop")
            yield return (
                task.Branch is null ? "short_circuit" : "branch",
                $"'{task.TaskId}' does nothing and hands on no output '{output}'; write 'run' or 'command'"
            );
        if (task is { Outputs: not null, Kind: "noop" })
            yield return ("outputs", $"'{task.TaskId}' does nothing and hands on no outputs; write 'run' or 'command'");
        if (task.ShortCircuit is null && written.Contains("ignore_downstream_trigger_rules"))
            yield return (
                "ignore_downstream_trigger_rules",
                "'ignore_downstream_trigger_rules' says what 'short_circuit' skips; add that or remove it"
            );
    }

    /// <summary>What is wrong between tasks, with the task it is about.</summary>
    public static IEnumerable<(string Task, string Mistake)> Of(
        IReadOnlyDictionary<string, TaskSpec> tasks,
        bool failFast
    )
    {
        if (tasks.Values.Where(x => x.Role is TaskRole.Setup).Skip(MostSetups).FirstOrDefault() is { } further)
            yield return (
                further.TaskId,
                $"The DAG has more than {MostSetups} setups; let one task set up more, or write several DAGs"
            );
        foreach (var task in tasks.Values)
        {
            if (
                task is { Role: not TaskRole.Teardown, Rule: not TriggerRule.AllSuccess }
                && task.Needs.FirstOrDefault(x => tasks.GetValueOrDefault(x)?.Role is TaskRole.Setup) is { } setup
            )
                yield return (
                    task.TaskId,
                    $"Task '{task.TaskId}' needs the setup '{setup}', which must have succeeded; remove its "
                        + $"'trigger_rule: {TriggerRuleNames.Of(task.Rule)}'"
                );
            if (failFast && task.Rule is not (TriggerRule.AllSuccess or TriggerRule.AllDoneSetupSuccess))
                yield return (
                    task.TaskId,
                    $"With 'fail_fast', no task is left to a rule such as {TriggerRuleNames.Of(task.Rule)}; remove the "
                        + $"trigger rule of '{task.TaskId}', or 'fail_fast'"
                );
        }
    }
}
