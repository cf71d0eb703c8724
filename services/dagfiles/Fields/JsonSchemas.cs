using System.Text.Json.Nodes;

namespace Nightshift.DagFiles.Fields;

/// <summary>
/// Pieces of JSON Schema. Text in quotes counts like text without (<c>retries: "3"</c>), and numbers and booleans are
/// texts where a text is meant, so most values may have several types.
/// </summary>
static class JsonSchemas
{
    /// <summary>A schema for values of some types.</summary>
    public static JsonObject Type(params ReadOnlySpan<string> types) =>
        new() { ["type"] = types is [var one] ? one : new JsonArray([.. types.ToArray().Select(x => (JsonNode)x)]) };

    /// <summary>Any text. Numbers and booleans are text as the file writes them.</summary>
    public static JsonObject Text => Type("string", "number", "boolean");

    /// <summary>A text that matches a pattern as a whole.</summary>
    /// <param name="pattern">A regular expression that means the same in .NET and in ECMAScript.</param>
    /// <param name="types">Types beside text that the pattern says nothing about.</param>
    public static JsonObject Matching(string pattern, params ReadOnlySpan<string> types) =>
        Type(["string", .. types]).With("pattern", Whole(pattern));

    /// <summary>One of some texts.</summary>
    public static JsonObject OneOf(IEnumerable<string> texts) =>
        new() { ["enum"] = new JsonArray([.. texts.Select(x => (JsonNode)x)]) };

    /// <summary>A mapping of names to values.</summary>
    public static JsonObject Mapping(string names, JsonObject values, bool mayBeNull) =>
        (mayBeNull ? Type("object", "null") : Type("object"))
            .With("propertyNames", new JsonObject { ["pattern"] = Whole(names) })
            .With("additionalProperties", values);

    /// <summary>One of several schemas.</summary>
    public static JsonObject AnyOf(params ReadOnlySpan<JsonObject> schemas) =>
        new() { ["anyOf"] = new JsonArray([.. schemas.ToArray().Select(x => x.DeepClone())]) };

    /// <summary>Exactly one of these keys must stand.</summary>
    public static JsonArray ExactlyOneKey(IEnumerable<string> keys) =>
        new([.. keys.Select(x => new JsonObject { ["required"] = new JsonArray(x) })]);

    /// <summary>The schema with one more keyword.</summary>
    public static JsonObject With(this JsonObject schema, string keyword, JsonNode? value)
    {
        schema[keyword] = value;
        return schema;
    }

    static string Whole(string pattern) => $"^(?:{pattern})$";
}
