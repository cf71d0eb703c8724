using System.Text.Json.Nodes;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>
/// The keys of one mapping. Reading, the JSON Schema and the documentation are made from it, so a key that is added
/// here is in all three.
/// </summary>
/// <typeparam name="TDraft">What the fields are put together in.</typeparam>
sealed class FieldTable<TDraft>
{
    readonly List<Field<TDraft>> fields = [];

    /// <summary>The fields in the order in which they are read and documented.</summary>
    public IReadOnlyList<Field<TDraft>> Fields => fields;

    /// <summary>Adds a field.</summary>
    /// <param name="name">The key.</param>
    /// <param name="shape">What may stand there.</param>
    /// <param name="set">Puts what was read into the draft.</param>
    /// <param name="doc">What it means, in Markdown.</param>
    /// <param name="example">A value, as YAML.</param>
    /// <param name="standard">What holds without it, as YAML; null when that is nothing.</param>
    public FieldTable<TDraft> Add<T>(
        string name,
        Shape<T> shape,
        Func<TDraft, T, TDraft> set,
        string doc,
        string example,
        string? standard = null
    )
    {
        fields.Add(
            new(
                name,
                shape.Type,
                shape.Schema,
                doc,
                example,
                standard,
                (reader, node, what, draft) => shape.Read(reader, node, what, out var value) ? set(draft, value) : draft
            )
        );
        return this;
    }

    /// <summary>Adds the fields of a part of the draft.</summary>
    public FieldTable<TDraft> Add<TPart>(
        FieldTable<TPart> table,
        Func<TDraft, TPart> get,
        Func<TDraft, TPart, TDraft> set
    )
    {
        fields.AddRange(table.Fields.Select(x => x.In(get, set)));
        return this;
    }

    /// <summary>Reads a mapping.</summary>
    /// <param name="reader">Collects what is wrong, unknown keys included.</param>
    /// <param name="node">The mapping.</param>
    /// <param name="what">How mistakes call the mapping.</param>
    /// <param name="path">What stands before a key in mistakes, such as <c>schedule.</c>.</param>
    /// <param name="draft">The defaults.</param>
    public Written<TDraft> Read(YamlReader reader, YamlNode node, string what, string path, TDraft draft)
    {
        var nodes = reader.Map(node, what, names ??= [.. fields.Select(x => x.Name)]);
        foreach (var field in fields)
            if (nodes.TryGetValue(field.Name, out var value))
                draft = field.Read(reader, value, $"'{path}{field.Name}'", draft);
        return new(draft, node, nodes);
    }

    string[]? names;

    /// <summary>The mapping as JSON Schema; other keys are refused.</summary>
    public JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(fields.Select(x => KeyValuePair.Create(x.Name, (JsonNode?)SchemaOf(x)))),
        };

    static JsonObject SchemaOf(Field<TDraft> field)
    {
        var schema = (JsonObject)field.Schema.DeepClone();
        schema.Insert(0, "description", field.Doc);
        if (field.Default is { } standard)
            schema["default"] = YamlJson.Parse(standard);
        schema["examples"] = new JsonArray(YamlJson.Parse(field.Example));
        return schema;
    }
}

/// <summary>What was read of a mapping, and where it stands.</summary>
/// <param name="Draft">The fields put together.</param>
/// <param name="Node">The mapping.</param>
/// <param name="Nodes">The keys that are written, with their values, whether or not those are right.</param>
sealed record Written<TDraft>(TDraft Draft, YamlNode Node, IReadOnlyDictionary<string, YamlNode> Nodes)
{
    /// <summary>Where a mistake about a key stands: its value, or the mapping when it is not written.</summary>
    public YamlNode At(string name) => Nodes.GetValueOrDefault(name, Node);
}
