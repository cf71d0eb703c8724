using System.Text.Json;
using Nightshift.DagFiles.Schemas;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>The values that a run has for the parameters that its DAG declares with more than a default.</summary>
static class TypedParams
{
    /// <summary>The values, each of which fits its schema; null for none.</summary>
    /// <param name="start">Asks for the run.</param>
    /// <param name="render">Renders a default that is a template.</param>
    /// <exception cref="RejectedException"><c>invalid_params</c>: values are missing, or do not fit.</exception>
    /// <exception cref="TemplateException">A default cannot be rendered.</exception>
    public static IReadOnlyDictionary<string, JsonElement>? Of(StartRun start, Func<string, string> render)
    {
        if (start.Dag.TypedParams is not { Count: > 0 } declared)
            return null;
        var violations = new List<SchemaViolation>();
        var values = declared.ToDictionary(
            x => x.Key,
            x => Value(x.Key, x.Value, start.TypedParams ?? ParamConf.None, render, violations)
        );
        return violations.Count == 0 ? values : throw ParamConf.Invalid(violations);
    }

    static JsonElement Value(
        string name,
        ParamSpec param,
        IReadOnlyDictionary<string, JsonElement> given,
        Func<string, string> render,
        List<SchemaViolation> violations
    )
    {
        var (path, schema) = ($"params.{name}", ValueSchema.Of(param.Schema));
        if (given.TryGetValue(name, out var value))
            violations.AddRange(schema.Check(path, value));
        else if (param.Required)
            violations.Add(new(path, $"it is missing, and has no default; give a value, such as '--param {name}=…'"));
        else if (
            param.Default is { ValueKind: JsonValueKind.String } text
            && TemplateText.IsTemplate(text.GetString()!)
        )
        {
            value = schema.Read(path, render(text.GetString()!), out var misfits);
            violations.AddRange(misfits);
        }
        else
            return param.Default ?? JsonSerializer.SerializeToElement<object?>(null);
        return value;
    }
}
