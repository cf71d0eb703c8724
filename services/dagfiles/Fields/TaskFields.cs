using System.Text.RegularExpressions;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The fields of a task, and what they make of it.</summary>
static partial class TaskFields
{
    // One stream keeps the order in which a line prints. The line itself stays as it was written.
    static readonly string[] Joined = ["sh", "-c", "exec 2>&1; exec sh -ec \"$0\""];

    /// <summary>The fields that <c>defaults</c> may give every task.</summary>
    public static FieldTable<TaskSpec> Shared { get; } =
        new FieldTable<TaskSpec>()
            .Add(ContainerFields.Table, x => x, (_, x) => x)
            .Add(RetryFields.Table, x => x, (_, x) => x)
            .Add(PastFields.Table, x => x, (_, x) => x)
            .Add(LimitFields.Table, x => x, (_, x) => x);

    /// <summary>What a task does; it has exactly one of these fields.</summary>
    static FieldTable<TaskDraft> Work { get; } =
        new FieldTable<TaskDraft>()
            .Add(
                "run",
                Shapes.Text,
                (task, x) => task with { Run = x },
                "A shell line, or several: `sh -ec` runs it. Values reach it by `env`; "
                    + "templates are not allowed in it.",
                "\"./extract --day $DAY\""
            )
            .Add(
                "command",
                Command(),
                (task, x) => task with { Command = x },
                "A program and its arguments, without a shell.",
                "[\"python\", \"-m\", \"etl\"]"
            )
            .Add(
                "noop",
                Shapes.True,
                (task, _) => task,
                "The task does nothing and succeeds at once, for joins.",
                "true"
            );

    /// <summary>All fields of a task.</summary>
    public static FieldTable<TaskDraft> Table { get; } =
        new FieldTable<TaskDraft>()
            .Add(Work, x => x, (_, x) => x)
            .Add(DependencyFields.Table, x => x, (_, x) => x)
            .Add(
                "outputs",
                ParamFields.Outputs,
                (task, x) => task.With(spec => spec with { Outputs = x.Count > 0 ? x : null }),
                "Outputs that the task hands on in any case, see [an output](#an-output). An attempt that ends without "
                    + "one, or with one that does not fit, has failed (`output`). Others may be handed on as well.",
                "{ rows: { schema: { type: integer } } }"
            )
            .Add(MappingFields.Table, x => x, (_, x) => x)
            .Add(Shared, x => x.Spec, (x, spec) => x with { Spec = spec });

    /// <summary>The names of the fields of which a task has exactly one.</summary>
    public static IReadOnlyList<string> Ways { get; } = [.. Work.Fields.Select(x => x.Name)];

    /// <summary>Reads one task and notes what is wrong within it.</summary>
    public static TaskSpec Read(YamlReader reader, string id, YamlNode node, TaskSpec defaults)
    {
        var draft = new TaskDraft(defaults with { TaskId = id });
        var task = Table.Read(reader, node, $"Task '{id}'", $"tasks.{id}.", draft);
        var spec = Doing(reader, id, task) with
        {
            Role = Role(reader, id, task),
            // as in Airflow, slots without a pool are those of the default pool
            Pool = task.Draft.Spec.Pool ?? (task.Draft.Spec.PoolSlots is null ? null : PoolName.Default),
            Rule =
                task.Draft.TriggerRule
                ?? (task.Draft.Teardown ? TriggerRule.AllDoneSetupSuccess : TriggerRule.AllSuccess),
            ShortCircuit = task.Draft.ShortCircuit is { } output
                ? new(output, task.Draft.IgnoreDownstreamTriggerRules)
                : null,
        };
        if (spec.TmpMiB > spec.MemoryMiB)
            reader.Wrong(
                task.At("tmp"),
                $"'tasks.{id}.tmp' is {spec.TmpMiB}MiB and counts as memory; write at most the memory limit of "
                    + $"{spec.MemoryMiB}MiB, or raise 'memory'"
            );
        foreach (var (field, mistake) in TaskFlowChecks.Of(spec, task.Nodes.Keys))
            reader.Wrong(task.At(field), mistake);
        foreach (var (field, mistake) in MappingChecks.Of(spec, task.Nodes.Keys))
            reader.Wrong(task.At(field), mistake);
        return spec;
    }

    static TaskRole Role(YamlReader reader, string id, Written<TaskDraft> task)
    {
        if (task.Draft is { Setup: true, Teardown: true })
            reader.Wrong(task.At("teardown"), $"'tasks.{id}' cannot be both 'setup' and 'teardown'; write two tasks");
        return task.Draft.Teardown ? TaskRole.Teardown
            : task.Draft.Setup ? TaskRole.Setup
            : TaskRole.Work;
    }

    static TaskSpec Doing(YamlReader reader, string id, Written<TaskDraft> task)
    {
        var spec = task.Draft.Spec;
        var ways = Ways.Where(task.Nodes.ContainsKey).ToList();
        switch (ways)
        {
            case ["noop"]:
                return spec with { Kind = "noop", Image = "" };
            case ["run"]:
                var line = task.Draft.Run ?? "";
                CheckArgument(reader, task.At("run"), line, id);
                return spec with { Command = spec.SeparateStderr ? ["sh", "-ec", line] : [.. Joined, line] };
            case ["command"]:
                if (task.Nodes.TryGetValue("stderr", out var stderr))
                    reader.Wrong(stderr, $"'tasks.{id}.stderr' is for 'run'; a 'command' has its outputs apart");
                foreach (var argument in task.Draft.Command ?? [])
                    CheckArgument(reader, task.At("command"), argument, id);
                return spec with { Command = task.Draft.Command ?? [] };
            default:
                reader.Wrong(
                    task.Node,
                    $"Task '{id}' has {(ways.Count == 0 ? "nothing to do" : string.Join(" and ", ways))}; "
                        + $"write exactly one of {string.Join(", ", Ways)}"
                );
                return spec;
        }
    }

    static Shape<IReadOnlyList<string>> Command() =>
        Shape.Of<IReadOnlyList<string>>(
            "a list of texts",
            JsonSchemas
                .Type("array", "string", "number", "boolean")
                .With("items", JsonSchemas.Text)
                .With("minItems", 1),
            ReadCommand
        );

    static IReadOnlyList<string> ReadCommand(YamlReader reader, YamlNode node, string what)
    {
        var command = reader.Texts(node, what);
        if (command.Count == 0)
            reader.Wrong(
                node,
                $"{what} is empty; write the program and its arguments, such as [sh, -c, \"echo hello\"]"
            );
        else if (node is YamlScalar && command[0].Trim().Contains(' ', StringComparison.Ordinal))
            reader.Wrong(
                node,
                $"{what} is one text with spaces, and no program is called so; write 'run' for a shell line, or a list "
                    + "of the program and its arguments, such as [sh, -c, \"echo hello\"]"
            );
        return command;
    }

    // A value pasted into a shell line is code; one in the environment is data. Other braces are the program's own, as
    // in docker ps --format '{{.Names}}'.
    static void CheckArgument(YamlReader reader, YamlNode node, string text, string taskId)
    {
        if (RunTemplate().Match(text) is { Success: true, Groups: [_, var name] })
            reader.Wrong(
                node,
                $"Templates are not allowed in a command, and this one uses '{name.Value}': "
                    + $"write 'env: {{ VALUE: \"{{{{ {name.Value} … }}}}\" }}' under task '{taskId}' "
                    + "and use \"$VALUE\" in the line. If the braces are for the program itself, write "
                    + $"'env: {{ VALUE: \"{{% raw %}}{{{{ {name.Value} … }}}}{{% endraw %}}\" }}'"
            );
        if (ProcessLimits.Mistake(text) is { } mistake)
            reader.Wrong(node, $"Task '{taskId}': {mistake}");
    }

    // {{ name or {% tag … name, where the name is one that templates know.
    [GeneratedRegex(
        @"\{\{-?\s{0,9}(?<name>run_id|ds|logical_date|data_interval_start|data_interval_end)\s{0,9}(?:\||-?\}\})"
            + @"|\{\{-?\s{0,9}(?<name>params|tasks|trigger|var)\s{0,9}[.\[]"
            + @"|\{%-?[^%]{0,200}?\b(?<name>params|tasks|trigger|var)[.\[]",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex RunTemplate();
}
