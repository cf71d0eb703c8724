namespace Nightshift.DagFiles.Fields;

/// <summary>Fields of a task and of <c>defaults</c> that make it wait for the previous run.</summary>
static class PastFields
{
    /// <summary>The fields.</summary>
    public static FieldTable<TaskSpec> Table { get; } =
        new FieldTable<TaskSpec>()
            .Add(
                "depends_on_past",
                Shapes.Flag,
                (task, x) => task with { DependsOnPast = x },
                "The task waits until the same task of the previous run has succeeded or was skipped.",
                "true",
                "false"
            )
            .Add(
                "wait_for_downstream",
                Shapes.Flag,
                (task, x) => task with { WaitForDownstream = x },
                "The task waits as with `depends_on_past`, and for the tasks that need it in the previous run.",
                "true",
                "false"
            );
}
