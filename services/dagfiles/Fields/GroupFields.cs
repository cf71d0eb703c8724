using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>A group of tasks as its fields say it.</summary>
sealed record GroupDraft
{
    /// <summary>What its first tasks need, as written.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>What its tasks have that do not say otherwise; null for nothing.</summary>
    public YamlNode? Defaults { get; init; }

    /// <summary>What it is for; null for nothing.</summary>
    public string? Tooltip { get; init; }
}

/// <summary>The fields of a group of tasks, which is an entry of <c>tasks</c> that has <c>tasks</c> itself.</summary>
static class GroupFields
{
    /// <summary>The entries of <c>tasks</c> in the schema's <c>$defs</c>.</summary>
    public const string TasksReference = "#/$defs/tasks";

    /// <summary>The fields.</summary>
    public static FieldTable<GroupDraft> Table { get; } =
        new FieldTable<GroupDraft>()
            .Add(
                "tasks",
                Shapes.Section("a mapping of names to tasks and groups", new JsonObject { ["$ref"] = TasksReference }),
                (group, _) => group,
                "Its tasks by their names, at least one. Elsewhere a member is `group.task`. Among themselves they use "
                    + "their own names: a name is looked for in the group first, then in the groups around it.",
                "{ extract: { run: ./extract }, load: { needs: [extract], run: ./load } }"
            )
            .Add(
                "needs",
                Shapes.Texts,
                (group, x) => group with { Needs = [.. x.Distinct()] },
                "The tasks and groups that must have ended before the group's first tasks, which are those that need no "
                    + "other of the group.",
                "[prepare]"
            )
            .Add(
                "defaults",
                Shapes.Section("a mapping", TaskFields.Shared.Schema().With("type", new JsonArray("object", "null"))),
                (group, x) => group with { Defaults = x },
                "Fields that each of its tasks has unless it says otherwise, over the `defaults` around the group.",
                "{ retries: 2 }"
            )
            .Add(
                "tooltip",
                Shapes.SomeText,
                (group, x) => group with { Tooltip = x },
                "What the group is for. `dags show` shows it.",
                "Loads the day into the warehouse"
            );
}
