using System.Text.Json;
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
                yaml.Add(name, Written(name, value, findings));
            if (!param.At("schema").IsEmpty)
                findings.Lose(param.Where, $"params.{name}.schema", "Values of parameters are not checked");
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

    // A default is a template in a DAG file and none in Airflow.
    static object Written(string name, AirflowValue value, ImportFindings findings)
    {
        switch (value.Json.ValueKind)
        {
            case JsonValueKind.String:
                return LiquidText.Literal(value.Text!);
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return new YamlPlain(value.Json.GetRawText());
            case JsonValueKind.Undefined or JsonValueKind.Null:
                return new YamlPlain("null");
            default:
                findings.Note(value.Where, $"params.{name}", "A list or an object is a text of JSON here");
                return LiquidText.Literal(value.Json.Compact());
        }
    }
}
