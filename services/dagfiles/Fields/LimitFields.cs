namespace Nightshift.DagFiles.Fields;

/// <summary>
/// Fields of a task and of <c>defaults</c> that say how many tasks may be at work at a time, and which of those that
/// wait goes first.
/// </summary>
static class LimitFields
{
    /// <summary>The largest number of slots or tasks, and the largest weight.</summary>
    public const int Most = 1_000_000;

    /// <summary>Instances that a mapped task can be allowed: a run of so many tasks is what is measured.</summary>
    public const int MostInstances = 10_000;

    /// <summary>The fields.</summary>
    public static FieldTable<TaskSpec> Table { get; } =
        new FieldTable<TaskSpec>()
            .Add(
                "pool",
                Shapes.Named(
                    $"a name: {PoolName.Rule}",
                    PoolName.Name(),
                    PoolName.Pattern,
                    x => $"'{x}' cannot be a pool's name; write {PoolName.Rule}"
                ),
                (task, x) => task with { Pool = x },
                "The pool of which the task takes slots while it is queued or running.",
                "database"
            )
            .Add(
                "pool_slots",
                Shapes.Whole(1, Most),
                (task, x) => task with { PoolSlots = x },
                "How many slots it takes: 1 when not given. Without a pool they are those of `default_pool`.",
                "2"
            )
            .Add(
                "priority_weight",
                Shapes.Whole(-Most, Most),
                (task, x) => task with { PriorityWeight = x },
                "Where tasks wait, the larger goes first; a minute of waiting counts as much as a point. 1 when not "
                    + "given.",
                "10"
            )
            .Add(
                "weight_rule",
                Shapes.Choice(Enum.GetValues<WeightRule>().ToDictionary(WeightRuleNames.Of)),
                (task, x) => task with { WeightRule = x },
                "Whose weights are added to the task's own: those of all tasks behind it, before it, or of none.",
                "absolute",
                "downstream"
            )
            .Add(
                "max_active_tis_per_dag",
                Shapes.Whole(1, Most),
                (task, x) => task with { MaxActiveTisPerDag = x },
                "Instances of the task, in all runs of its DAG, that may be queued or running at a time. Any number "
                    + "when not given.",
                "1"
            )
            .Add(
                "max_active_tis_per_dagrun",
                Shapes.Whole(1, Most),
                (task, x) => task with { MaxActiveTisPerDagrun = x },
                "The same in one run.",
                "1"
            )
            .Add(
                "max_map_length",
                Shapes.Whole(1, MostInstances),
                (task, x) => task with { MaxMapLength = x },
                $"Instances that a task with `for_each` may have; with more items it fails. "
                    + $"{MapSource.DefaultMaxMapLength} when not given.",
                "2000"
            );
}
