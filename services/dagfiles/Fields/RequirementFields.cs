using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The fields of an entry of <c>requires</c>.</summary>
static class RequirementFields
{
    /// <summary>The fields of an entry that is a mapping.</summary>
    public static FieldTable<DagRequirement> Table { get; } =
        new FieldTable<DagRequirement>()
            .Add(
                "dag",
                Shapes.DagName,
                (requirement, x) => requirement with { DagId = x },
                "The other DAG. Required.",
                "health_check"
            )
            .Add(
                "within",
                Shapes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)),
                (requirement, x) => requirement with { Within = x },
                "How long ago that run may have ended. Any time when not given.",
                "1d"
            );

    /// <summary>All entries: a list, or one.</summary>
    public static Shape<IReadOnlyList<DagRequirement>> List { get; } =
        Shape.Of<IReadOnlyList<DagRequirement>>(
            "a list of names of DAGs and mappings",
            JsonSchemas.AnyOf(
                Entry(),
                JsonSchemas.Type("null"),
                new JsonObject { ["type"] = "array", ["items"] = Entry() }
            ),
            Read
        );

    static JsonObject Entry() =>
        JsonSchemas.AnyOf(Shapes.DagName.Schema, Table.Schema().With("required", new JsonArray("dag")));

    static IReadOnlyList<DagRequirement> Read(YamlReader reader, YamlNode node, string what)
    {
        IReadOnlyList<YamlNode> entries =
            node is YamlSequence list ? list.Items
            : YamlReader.IsNull(node) ? []
            : [node];
        var read = entries.Select(x => (Node: x, Requirement: ReadOne(reader, x, what))).ToList();
        foreach (var again in read.GroupBy(x => x.Requirement.DagId).Where(x => x.Key.Length > 0 && x.Count() > 1))
            reader.Wrong(again.Last().Node, $"{what} names '{again.Key}' twice; remove one of them");
        return [.. read.Select(x => x.Requirement)];
    }

    static DagRequirement ReadOne(YamlReader reader, YamlNode node, string what)
    {
        if (node is not YamlMapping)
            return new(Shapes.DagName.Read(reader, node, $"An entry of {what}", out var name) ? name : "");
        var entry = Table.Read(reader, node, $"An entry of {what}", $"{what.Trim('\'')}.", new(""));
        if (!entry.Nodes.ContainsKey("dag"))
            reader.Wrong(node, $"An entry of {what} names no DAG; add 'dag: name'");
        return entry.Draft;
    }
}
