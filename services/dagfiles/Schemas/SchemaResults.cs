using System.Globalization;
using System.Text.Json;
using Json.Schema;

namespace Nightshift.DagFiles.Schemas;

/// <summary>Evaluates schemas with JsonSchema.Net, and says why a value does not fit.</summary>
static class SchemaResults
{
    const int MostErrors = 5;
    const int LongestError = 200; // characters; the library writes expected values out

    static SchemaResults()
    {
        LinearPattern.Register();
        // the library's own does not say which
        ErrorMessages.Enum = "it should be one of [[values]]";
    }

    /// <summary>Why a value does not fit a schema; none when it does.</summary>
    public static IReadOnlyList<(IReadOnlyList<string> Path, string Text)> Of(JsonSchema schema, JsonElement value)
    {
        var results = schema.Evaluate(JsonSerializer.SerializeToNode(value), Options());
        if (results.IsValid)
            return [];
        var errors = results
            .Details.Prepend(results)
            .Where(x => x.HasErrors && !IsCondition(x))
            .SelectMany(x => x.Errors!.Select(e => (PathOf(x), TextOf(e.Key, e.Value))))
            .DistinctBy(x => (string.Join('/', x.Item1), x.Item2))
            .Take(MostErrors)
            .ToList();
        return errors.Count > 0 ? errors : [([], "it does not fit the schema")];
    }

    /// <summary>A schema as the library reads it.</summary>
    public static JsonSchema Parse(JsonElement schema) => JsonSchema.FromText(schema.GetRawText());

    // Nothing is fetched: the library's registry has no way to, and the rules allow no reference out of a schema.
    static EvaluationOptions Options() =>
        new()
        {
            EvaluateAs = SpecVersion.Draft202012,
            OutputFormat = OutputFormat.List,
            RequireFormatValidation = true,
            Culture = CultureInfo.InvariantCulture,
        };

    // What 'if' and 'not' find is no error by itself.
    static bool IsCondition(EvaluationResults results) =>
        results.EvaluationPath.ToString().Split('/').Any(x => x is "if" or "not");

    static IReadOnlyList<string> PathOf(EvaluationResults results) =>
        [
            .. results
                .InstanceLocation.ToString()
                .Split('/')
                .Skip(1)
                .Select(x =>
                    x.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
                ),
        ];

    static string TextOf(string keyword, string text) =>
        keyword.Length == 0 ? "this is not allowed here"
        : text.Length > LongestError ? $"{text[..LongestError]}…"
        : text;
}
