using System.Globalization;
using System.Text.Json;
using Json.Schema;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Schemas;

/// <summary>What is wrong with a schema.</summary>
/// <param name="Path">Where in it: keys, and positions in lists.</param>
/// <param name="Text">What is wrong, and what to write instead.</param>
sealed record SchemaMistake(IReadOnlyList<string> Path, string Text);

/// <summary>
/// Which schemas are allowed: those of JSON Schema 2020-12 that stand alone and whose evaluation is bounded. A keyword
/// that nobody knows is a mistake, since it would check nothing.
/// </summary>
sealed class SchemaRules
{
    static readonly string[] OfSchema =
    [
        "additionalProperties",
        "items",
        "contains",
        "propertyNames",
        "not",
        "if",
        "then",
        "else",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    static readonly string[] OfList = ["allOf", "anyOf", "oneOf", "prefixItems"];
    static readonly string[] OfNames = ["properties", "dependentSchemas"];

    static readonly HashSet<string> Plain =
    [
        "$schema",
        "$ref",
        "$defs",
        "$comment",
        "type",
        "enum",
        "const",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxContains",
        "minContains",
        "maxProperties",
        "minProperties",
        "required",
        "dependentRequired",
        "format",
        "contentEncoding",
        "contentMediaType",
        "title",
        "description",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "examples",
        // for the forms that Airflow makes of a schema
        "values_display",
        "description_md",
        "custom_html_form",
        "section",
    ];

    static readonly HashSet<string> Known = [.. Plain, .. OfSchema, .. OfList, .. OfNames];

    // Each would make one schema depend on others, or on the time that it takes.
    static readonly Dictionary<string, string> Refused = new()
    {
        ["$id"] = "leave it out: the schema stands alone",
        ["$anchor"] = "name the schema in '$defs' and refer to it as '#/$defs/NAME'",
        ["$dynamicAnchor"] = "name the schema in '$defs' and refer to it as '#/$defs/NAME'",
        ["$dynamicRef"] = "write '$ref' with '#/$defs/NAME'",
        ["$vocabulary"] = "leave it out",
        ["definitions"] = "write '$defs'",
        ["dependencies"] = "write 'dependentRequired' or 'dependentSchemas'",
        ["patternProperties"] = "write 'propertyNames' with a 'pattern', and 'additionalProperties'",
    };

    // Each value is compared with all of them, and what does not fit is told all of them.
    static readonly HashSet<string> Compared = ["enum", "const", "required", "dependentRequired", "pattern"];

    /// <summary>Characters of such a keyword that cost as much as a schema.</summary>
    const int ComparedAtOnce = 8;

    const string Definitions = "#/$defs/";

    readonly JsonElement root;
    readonly List<SchemaMistake> mistakes = [];
    readonly List<string> path = [];
    readonly HashSet<string> following = [];
    int schemas;
    long compared;
    bool unique;

    SchemaRules(JsonElement root) => this.root = root;

    /// <summary>What is wrong with a schema; none when it may be used.</summary>
    public static IReadOnlyList<SchemaMistake> MistakesIn(JsonElement schema)
    {
        if (SchemaLimits.Mistake(schema) is { } large)
            return [new([], large)];
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
            return [new([], "it is no JSON Schema; write one such as { type: integer, minimum: 1 }")];
        var rules = new SchemaRules(schema);
        rules.Visit(schema);
        return rules.mistakes.Count > 0 ? rules.mistakes : Malformed(schema);
    }

    /// <summary>What checking costs for each value, in schemas, and whether lists are compared entry by
    /// entry.</summary>
    public static (long Each, bool Unique) CostOf(JsonElement schema)
    {
        var rules = new SchemaRules(schema);
        rules.Visit(schema);
        return (rules.schemas + rules.compared / ComparedAtOnce, rules.unique);
    }

    void Visit(JsonElement schema)
    {
        schemas++;
        if (schemas == SchemaLimits.Schemas + 1)
            Wrong($"The schema has more than {SchemaLimits.Schemas} schemas with what '$ref' repeats; use fewer");
        if (schemas > SchemaLimits.Schemas || schema.ValueKind is not JsonValueKind.Object)
            return;
        foreach (var keyword in schema.EnumerateObject())
        {
            path.Add(keyword.Name);
            Visit(keyword.Name, keyword.Value);
            path.RemoveAt(path.Count - 1);
        }
    }

    void Visit(string keyword, JsonElement value)
    {
        if (Compared.Contains(keyword))
            compared += value.GetRawText().Length;
        if (Refused.TryGetValue(keyword, out var instead))
            Wrong($"'{keyword}' cannot be used here; {instead}");
        else if (!Known.Contains(keyword) && !keyword.StartsWith("x-", StringComparison.Ordinal))
            Wrong($"JSON Schema has no '{YamlReader.Shown(keyword)}'{YamlReader.Suggestion(keyword, Known)}");
        else if (OfSchema.Contains(keyword))
            Visit(value);
        else if (OfList.Contains(keyword) && value.ValueKind is JsonValueKind.Array)
            foreach (var (i, part) in value.EnumerateArray().Index())
                In(i.ToString(CultureInfo.InvariantCulture), () => Visit(part));
        else if ((OfNames.Contains(keyword) || keyword == "$defs") && value.ValueKind is JsonValueKind.Object)
            foreach (var part in value.EnumerateObject())
                In(part.Name, () => Visit(part.Value));
        else if (value.ValueKind is JsonValueKind.String)
            VisitText(keyword, value.GetString()!);
        else
            unique |= keyword == "uniqueItems" && value.ValueKind is JsonValueKind.True;
    }

    void VisitText(string keyword, string text)
    {
        if (keyword == "pattern" && LinearPattern.MistakeIn(text) is { } mistake)
            Wrong($"The pattern '{YamlReader.Shown(text)}' cannot be used: {mistake}");
        if (keyword == "$schema" && text != MetaSchemas.Draft202012Id.ToString())
            Wrong($"'$schema' is '{YamlReader.Shown(text)}'; leave it out: it is {MetaSchemas.Draft202012Id}");
        if (keyword == "$ref")
            Follow(text);
    }

    // Nothing is fetched, and a schema that refers to itself has no bound. A plain name is one step, where the library
    // would read others as paths, with escapes, and lead elsewhere than here.
    void Follow(string reference)
    {
        if (Target(reference) is not { } target)
            Wrong(
                $"'$ref' is '{YamlReader.Shown(reference)}', and there is no such schema; write '#/$defs/NAME', with a "
                    + "name of letters, digits, _ and -"
            );
        else if (!following.Add(reference))
            Wrong($"'$ref' to '{YamlReader.Shown(reference)}' leads to itself; write out as many levels as are needed");
        else
        {
            Visit(target);
            following.Remove(reference);
        }
    }

    JsonElement? Target(string reference) =>
        reference.StartsWith(Definitions, StringComparison.Ordinal)
        && reference[Definitions.Length..] is var name
        && DagNames.IsName(name)
        && root.TryGetProperty("$defs", out var schemas)
        && schemas.ValueKind is JsonValueKind.Object
        && schemas.TryGetProperty(name, out var target)
            ? target
            : null;

    void In(string part, Action visit)
    {
        path.Add(part);
        visit();
        path.RemoveAt(path.Count - 1);
    }

    void Wrong(string text) => mistakes.Add(new([.. path], text));

    static IReadOnlyList<SchemaMistake> Malformed(JsonElement schema) =>
        [
            .. SchemaResults
                .Of(MetaSchemas.Draft202012, schema)
                .OrderByDescending(x => x.Path.Count)
                .Take(1)
                .Select(x => new SchemaMistake(x.Path, $"{x.Text}")),
        ];
}
