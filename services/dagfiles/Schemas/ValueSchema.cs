using System.Globalization;
using System.Text.Json;
using Json.Schema;

namespace Nightshift.DagFiles.Schemas;

/// <summary>Why a value does not fit its schema.</summary>
/// <param name="Path">Where: the name it was checked under, with keys and positions, such as
/// <c>params.hosts[2].name</c>.</param>
/// <param name="Text">What is wrong.</param>
public sealed record SchemaViolation(string Path, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"'{Path}': {Text}";
}

/// <summary>
/// A JSON Schema (2020-12) that values are checked against, within <see cref="SchemaLimits"/>. Formats that the
/// specification names are checked; others, and the rest of what only describes, mean nothing here.
/// </summary>
public sealed class ValueSchema
{
    readonly JsonSchema schema;
    readonly (long Each, bool Unique) cost;

    ValueSchema(JsonElement schema) => (this.schema, cost) = (SchemaResults.Parse(schema), SchemaRules.CostOf(schema));

    /// <summary>A schema of a DAG file that was read; null for one that takes any value.</summary>
    public static ValueSchema Of(JsonElement? schema) => new(schema ?? JsonSerializer.SerializeToElement(true));

    /// <summary>Why a value does not fit; none when it does.</summary>
    /// <param name="name">How the value is called.</param>
    /// <param name="value">The value.</param>
    public IReadOnlyList<SchemaViolation> Check(string name, JsonElement value)
    {
        if (SchemaLimits.Mistake(value) is { } large)
            return [new(name, large)];
        var count = (long)SchemaLimits.Count(value);
        if (count * (cost.Each + (cost.Unique ? count : 0)) > SchemaLimits.Work)
            return [new(name, $"its {count} values are too many to check against its schema; give fewer")];
        return [.. SchemaResults.Of(schema, value).Select(x => new SchemaViolation(Path(name, x.Path), x.Text))];
    }

    /// <summary>
    /// Reads a text as the value that the schema wants: as text when it takes that text, else as JSON.
    /// </summary>
    /// <param name="name">How the value is called.</param>
    /// <param name="text">The text.</param>
    /// <param name="violations">Why it fits neither way; none when it does.</param>
    public JsonElement Read(string name, string text, out IReadOnlyList<SchemaViolation> violations)
    {
        var asText = JsonSerializer.SerializeToElement(text);
        violations = Check(name, asText);
        if (violations.Count == 0 || Parse(text) is not { } json)
            return asText;
        var ofJson = Check(name, json);
        if (ofJson.Count > 0 && TakesText)
            return asText;
        violations = ofJson;
        return json;
    }

    bool TakesText => schema.TryGetKeyword<TypeKeyword>(out var type) && type.Type.HasFlag(SchemaValueType.String);

    static JsonElement? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string Path(string name, IReadOnlyList<string> parts) =>
        parts.Aggregate(
            name,
            (path, part) =>
                int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                    ? $"{path}[{part}]"
                    : $"{path}.{part}"
        );
}
