using System.Text.Json;
using System.Text.Json.Nodes;
using Nightshift.Cli.Client;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>The params of a DAG.</summary>
/// <param name="Yaml">As the DAG file has them.</param>
/// <param name="Names">Those that templates may use.</param>
/// <param name="Values">Their defaults as JSON, to compare with those of tasks.</param>
sealed partial record AirflowParams(
    YamlMap Yaml,
    IReadOnlySet<string> Names,
    IReadOnlyDictionary<string, string> Values
)
{
    /// <summary>Reads a list of pairs, or an object.</summary>
    public static AirflowParams Read(AirflowValue field, ImportFindings findings)
    {
        var (yaml, values) = (new YamlMap(), new Dictionary<string, string>());
        foreach (var (name, param) in Pairs(field))
        {
            var value = Default(param);
            if (!DagNames.IsName(name))
                findings.Lose(
                    param.Where,
                    "params",
                    $"'{Terminal.Excerpt(name, 60)}' cannot be a parameter's name here"
                );
            else if (values.TryAdd(name, value.Exists ? value.Json.GetRawText() : "null"))
                yaml.Add(name, Declared(name, param, value, findings) ?? Plain(value));
        }
        return new(yaml, values.Keys.ToHashSet(), values);
    }

    /// <summary>Name and definition of each.</summary>
    public static IEnumerable<(string Name, AirflowValue Param)> Pairs(AirflowValue field) =>
        field.IsArray
            ? field
                .Items()
                .Select(x => x.Items().ToList())
                .Where(x => x is [{ Text: not null }, _])
                .Select(x => (x[0].Text!, x[1]))
            : field.Members();

    /// <summary>The default of a definition; the definition itself when it is a bare value.</summary>
    public static AirflowValue Default(AirflowValue param) =>
        !param.IsObject || !param.At("schema").Exists && !param.At("__class").Exists ? param.Inner
        : param.At("default") is { Exists: true } value ? value.Inner
        : param.At("value").Inner;

    // A parameter whose values are checked, or whose default is no plain value; null for any other.
    static YamlMap? Declared(string name, AirflowValue param, AirflowValue value, ImportFindings findings)
    {
        var field = param.IsObject ? param.At("schema") : default;
        var schema = field.IsEmpty ? null : Unwrapped(field);
        if (schema is not null && ParamDeclaration.MistakeIn(schema, Unwrapped(value)) is { } mistake)
        {
            findings.Lose(param.Where, $"params.{name}.schema", mistake);
            schema = null;
        }
        if (schema is null && !value.IsObject && !value.IsArray)
            return null;
        return new YamlMap()
            .Add("schema", schema is null ? null : new YamlJson(schema))
            .Add("default", value.Text is { } text ? LiquidText.Literal(text) : new YamlJson(Unwrapped(value)))
            .Add("description", param.At("description").Text);
    }

    static JsonNode? Unwrapped(AirflowValue value) =>
        value.IsObject ? new JsonObject(value.Members().Select(x => KeyValuePair.Create(x.Name, Unwrapped(x.Value))))
        : value.IsArray ? new JsonArray([.. value.Items().Select(Unwrapped)])
        : value.Exists ? JsonSerializer.SerializeToNode(value.Inner.Json)
        : null;

    // A default is a template in a DAG file and none in Airflow.
    static object Plain(AirflowValue value) =>
        value.Text is { } text ? LiquidText.Literal(text)
        : value.Exists ? new YamlPlain(value.Json.GetRawText())
        : new YamlPlain("null");
}
