using System.Text.Json;
using System.Text.Json.Nodes;
using Nightshift.DagFiles.Schemas;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>The fields of a parameter, and of an output, that is declared with more than a value.</summary>
static class ParamFields
{
    const int LongestDescription = 1000; // characters

    /// <summary>The fields of an output.</summary>
    public static FieldTable<ParamDraft> Output { get; } =
        new FieldTable<ParamDraft>()
            .Add(
                "schema",
                SchemaShape(),
                (param, x) => param with { Schema = x },
                "The JSON Schema (2020-12) that the value must fit; any value fits without it. `$ref` may name a "
                    + "schema of its own `$defs`, and patterns may not look ahead or refer back.",
                "{ type: integer, minimum: 1 }"
            )
            .Add(
                "description",
                Shapes.Text,
                (param, x) => param with { Description = x },
                "What it is, for people: at most 1000 characters.",
                "How many rows are read."
            );

    /// <summary>The fields of a parameter.</summary>
    public static FieldTable<ParamDraft> Table { get; } =
        new FieldTable<ParamDraft>()
            .Add(Output, x => x, (_, x) => x)
            .Add(
                "default",
                Shapes.Section("any value", []),
                (param, x) => param with { Default = x },
                "The value of a run that gives none. A text may be a Liquid template over the run's dates. Without it "
                    + "each run has to give a value, so nothing starts the DAG by itself.",
                "100"
            );

    /// <summary>One entry of <c>params</c>: a default alone, or a mapping of these fields.</summary>
    public static JsonObject Schema { get; } =
        JsonSchemas.AnyOf(JsonSchemas.Type("string", "number", "boolean", "null"), Table.Schema());

    /// <summary>The outputs that a task declares.</summary>
    public static Shape<IReadOnlyDictionary<string, OutputSpec>> Outputs { get; } =
        Shape.Of<IReadOnlyDictionary<string, OutputSpec>>(
            "a mapping of names to mappings",
            JsonSchemas.Mapping(DagNames.Pattern, OutputSchema(), mayBeNull: true),
            ReadOutputs
        );

    /// <summary>Reads the text of a description.</summary>
    public static string? DescriptionOf(YamlReader reader, Written<ParamDraft> param, string what)
    {
        if (param.Draft.Description?.Length > LongestDescription)
            reader.Wrong(
                param.At("description"),
                $"'{what}.description' has more than {LongestDescription} characters; write a shorter one"
            );
        return param.Draft.Description;
    }

    static JsonObject OutputSchema() => Output.Schema().With("type", new JsonArray("object", "null"));

    static Dictionary<string, OutputSpec> ReadOutputs(YamlReader reader, YamlNode node, string what)
    {
        var (outputs, path) = (new Dictionary<string, OutputSpec>(), what.Trim('\''));
        foreach (var (name, value) in reader.Map(node, what))
            if (!DagNames.IsName(name))
                reader.Wrong(
                    value,
                    $"'{YamlReader.Shown(name)}' cannot be an output's name; use letters, digits, _ and -, at most 100"
                );
            else
            {
                var read = Output.Read(reader, value, $"'{path}.{name}'", $"{path}.{name}.", new());
                outputs[name] = new(read.Draft.Schema, DescriptionOf(reader, read, $"{path}.{name}"));
            }
        return outputs;
    }

    static Shape<SchemaValue> SchemaShape() => Shape.Of("a JSON Schema", JsonSchemas.Type("object", "boolean"), Read);

    static SchemaValue? Read(YamlReader reader, YamlNode node, string what)
    {
        if (Json(reader, node, what) is not { } schema)
            return null;
        var mistakes = SchemaRules.MistakesIn(schema);
        foreach (var (path, text) in mistakes)
            reader.Wrong(Find(node, path), $"{string.Join('.', path.Prepend(what.Trim('\'')))}: {text}");
        return mistakes.Count == 0 ? new(schema) : null;
    }

    /// <summary>A value of the file as JSON; null when it is too large, which is noted.</summary>
    public static JsonElement? Json(YamlReader reader, YamlNode node, string what)
    {
        // with what its aliases repeat: it is not written out before
        var mistake =
            node.Weight > SchemaLimits.Length
                ? $"it has more than {SchemaLimits.Length} characters; write a shorter one"
                : null;
        var value = mistake is null ? JsonSerializer.SerializeToElement(YamlJson.Of(node)) : default;
        mistake ??= SchemaLimits.Mistake(value);
        if (mistake is null)
            return value;
        reader.Wrong(node, $"{what}: {mistake}");
        return null;
    }

    // The nearest part of the file that is there.
    static YamlNode Find(YamlNode node, IReadOnlyList<string> path)
    {
        foreach (var part in path)
            if (Part(node, part) is { } inside)
                node = inside;
            else
                break;
        return node;
    }

    static YamlNode? Part(YamlNode node, string part) =>
        node switch
        {
            YamlMapping x => x.Find(part),
            YamlSequence x when int.TryParse(part, out var i) => x.Items.ElementAtOrDefault(i),
            _ => null,
        };
}

/// <summary>A schema that may be used.</summary>
sealed record SchemaValue(JsonElement Json)
{
    public static implicit operator JsonElement?(SchemaValue? schema) => schema?.Json;
}

/// <summary>A parameter or an output as its fields say it.</summary>
sealed record ParamDraft
{
    /// <summary>The schema; null for none.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>The default, which is read when the schema is known; null for none.</summary>
    public YamlNode? Default { get; init; }

    /// <summary>What it is, for people; null for nothing.</summary>
    public string? Description { get; init; }
}
