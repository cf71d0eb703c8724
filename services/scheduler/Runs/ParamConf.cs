using System.Text.Json;
using Nightshift.DagFiles.Schemas;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>The values that a caller gives for a DAG's parameters, as JSON.</summary>
static class ParamConf
{
    /// <summary>No values.</summary>
    public static IReadOnlyDictionary<string, JsonElement> None { get; } = new Dictionary<string, JsonElement>();

    /// <summary>The same command with these values: text for a parameter that is declared by a default alone.</summary>
    /// <param name="start">The command.</param>
    /// <param name="conf">The values by name; null for none.</param>
    /// <exception cref="RejectedException"><c>invalid_params</c>: one cannot be stored.</exception>
    public static StartRun With(this StartRun start, IReadOnlyDictionary<string, JsonElement>? conf)
    {
        if (conf is not { Count: > 0 })
            return start;
        foreach (var (name, value) in conf)
            if (SchemaLimits.Unstorable(value) is { } mistake)
                throw Invalid([new($"params.{name}", mistake)]);
        var typed = conf.Where(x => start.Dag.TypedParams?.ContainsKey(x.Key) is true).ToDictionary();
        return start with
        {
            Params = conf.Where(x => !typed.ContainsKey(x.Key)).ToDictionary(x => x.Key, x => TextOf(x.Value)),
            TypedParams = typed.Count > 0 ? typed : null,
        };
    }

    /// <summary>The refusal of values that do not fit.</summary>
    public static RejectedException Invalid(IReadOnlyList<SchemaViolation> violations) =>
        new("invalid_params", string.Join("; ", violations))
        {
            Errors = violations
                .GroupBy(x => x.Path)
                .ToDictionary(x => x.Key, IReadOnlyList<string> (x) => [.. x.Select(y => y.Text)]),
        };

    static string? TextOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
}
