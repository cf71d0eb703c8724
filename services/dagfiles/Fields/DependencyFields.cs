namespace Nightshift.DagFiles.Fields;

/// <summary>Fields of a task alone that say how it and the tasks around it depend on each other.</summary>
static class DependencyFields
{
    /// <summary>The fields.</summary>
    public static FieldTable<TaskDraft> Table { get; } =
        new FieldTable<TaskDraft>()
            .Add(
                "needs",
                Shapes.Texts,
                (task, x) => task.With(y => y with { Needs = [.. x.Distinct()] }),
                "The tasks and groups that must have ended before this one, by name; of a group, its last tasks.",
                "[extract]"
            )
            .Add(
                "trigger_rule",
                Shapes.Choice(Enum.GetValues<TriggerRule>().ToDictionary(TriggerRuleNames.Of)),
                (task, x) => task with { TriggerRule = x },
                "How the tasks it needs must have ended. The names are Airflow's. A teardown has "
                    + "`all_done_setup_success`.",
                "none_failed",
                "all_success"
            )
            .Add(
                "run_if",
                Shapes.Condition,
                (task, x) => task.With(y => y with { RunIf = x }),
                "The task is skipped unless this holds. The condition stands alone, as inside `{% if … %}`.",
                "params.full and ds contains '-01'"
            )
            .Add(
                "skip_if",
                Shapes.Condition,
                (task, x) => task.With(y => y with { SkipIf = x }),
                "The task is skipped when this holds.",
                "params.volume == 'none'"
            )
            .Add(
                "branch",
                Shapes.Output,
                (task, x) => task.With(y => y with { Branch = x }),
                "The output that names the tasks and groups to go on with: one name or a list. The other tasks that "
                    + "need this one are skipped.",
                "next"
            )
            .Add(
                "short_circuit",
                Shapes.Output,
                (task, x) => task with { ShortCircuit = x },
                "The output that says whether to go on. Empty, `false`, `0`, `null`, `[]` and `{}` skip what comes "
                    + "after.",
                "has_rows"
            )
            .Add(
                "ignore_downstream_trigger_rules",
                Shapes.Flag,
                (task, x) => task with { IgnoreDownstreamTriggerRules = x },
                "With `true`, `short_circuit` skips every task behind it but teardowns. With `false` it skips those "
                    + "that need it and leaves the ones behind them to their trigger rules.",
                "false",
                "true"
            )
            .Add(
                "setup",
                Shapes.Flag,
                (task, x) => task with { Setup = x },
                "The task prepares what those behind it use: none of them runs unless it succeeded.",
                "true",
                "false"
            )
            .Add(
                "teardown",
                Shapes.Flag,
                (task, x) => task with { Teardown = x },
                "The task removes what its setups made: it runs when one of them succeeded, however the work ended.",
                "true",
                "false"
            )
            .Add(
                "on_failure_fail_dagrun",
                Shapes.Flag,
                (task, x) => task.With(y => y with { OnFailureFailDagRun = x }),
                "The run fails when this teardown fails, which others do not cause.",
                "true",
                "false"
            );
}
