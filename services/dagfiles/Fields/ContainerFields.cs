using System.Text.RegularExpressions;
using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>Fields of a task and of <c>defaults</c> that say where and with how much its container runs.</summary>
static partial class ContainerFields
{
    const string VariableNamePattern = "[A-Za-z_][A-Za-z0-9_]{0,99}";

    /// <summary>The fields.</summary>
    public static FieldTable<TaskSpec> Table { get; } =
        new FieldTable<TaskSpec>()
            .Add(
                "image",
                Shapes.SomeText,
                (task, x) => task with { Image = x },
                "Image of the container. The standard one is built with Nightshift.",
                "docker.io/library/alpine:3.22",
                TaskSpec.BuiltIn.Image
            )
            .Add(
                "env",
                Env(),
                (task, x) => task with { Env = Merged(task.Env, x) },
                "Environment variables. Values are Liquid templates, rendered when the task is queued. A task's are "
                    + "added to those of `defaults`, and one without a value removes it. `secret:NAME` is the "
                    + "secret of that name.",
                "{ DAY: \"{{ ds }}\" }"
            )
            .Add(
                "timeout",
                Shapes.Duration(TimeSpan.FromSeconds(1), TaskSpec.LongestDuration),
                (task, x) => task with { Timeout = x },
                "How long one attempt may run. Then it is stopped and has failed.",
                "10m",
                "1h"
            )
            .Add(
                "memory",
                Shapes.Memory,
                (task, x) => task with { MemoryMiB = x },
                "Hard memory limit. A task that needs more is ended and has failed.",
                "2GiB",
                "512MiB"
            )
            .Add(
                "tmp",
                Shapes.Memory,
                (task, x) => task with { TmpMiB = x },
                "Size of `/tmp`, which counts as memory. Half of the memory limit when not given.",
                "100MiB"
            )
            .Add(
                "cpus",
                Shapes.Decimal(0.01, 512),
                (task, x) => task with { Cpus = x },
                "Hard processor limit, in cores.",
                "0.5",
                "1"
            )
            .Add(
                "queue",
                Shapes.Queue,
                (task, x) => task with { Queue = x },
                "The executor queue whose executors run the task.",
                "gpu",
                TaskSpec.BuiltIn.Queue
            )
            .Add(
                "stderr",
                Shapes.Choice(new Dictionary<string, bool> { ["joined"] = false, ["separate"] = true }),
                (task, x) => task with { SeparateStderr = x },
                "Whether a `run` line writes standard error into standard output, which keeps the order of lines, or "
                    + "apart, so that the log can be filtered. A `command` always writes them apart.",
                "separate",
                "joined"
            );

    static SortedDictionary<string, string> Merged(
        IReadOnlyDictionary<string, string> basis,
        IReadOnlyDictionary<string, string?> written
    )
    {
        var env = new SortedDictionary<string, string>(basis.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, text) in written)
            if (text is null)
                env.Remove(name);
            else
                env[name] = text;
        return env;
    }

    static Shape<IReadOnlyDictionary<string, string?>> Env() =>
        Shape.Of<IReadOnlyDictionary<string, string?>>(
            "a mapping of names to texts",
            JsonSchemas.Mapping(
                VariableNamePattern,
                JsonSchemas.Type("string", "number", "boolean", "null"),
                mayBeNull: true
            ),
            ReadEnv
        );

    static Dictionary<string, string?> ReadEnv(YamlReader reader, YamlNode node, string what)
    {
        var env = new Dictionary<string, string?>();
        foreach (var (name, value) in reader.Map(node, what))
        {
            if (!VariableName().IsMatch(name))
                reader.Wrong(
                    value,
                    $"'{YamlReader.Shown(name)}' cannot be a variable's name; use letters, digits and _, not "
                        + "beginning with a digit"
                );
            else if (YamlReader.IsNull(value))
                env[name] = null;
            else if (reader.Text(value, $"'{what.Trim('\'')}.{name}'") is { } text)
                env[name] = Variable(reader, value, name, text);
        }
        return env;
    }

    static string Variable(YamlReader reader, YamlNode node, string name, string text)
    {
        if (ProcessLimits.Mistake(name, text) is { } mistake)
            reader.Wrong(node, mistake);
        else if (TemplateText.MistakeIn(text) is { } unparsable)
            reader.Wrong(node, $"The template does not parse: {unparsable}");
        return text;
    }

    [GeneratedRegex(@"\A(?:" + VariableNamePattern + @")\z")]
    private static partial Regex VariableName();
}
