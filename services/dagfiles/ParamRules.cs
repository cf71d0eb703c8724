using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>Reads <c>params:</c>, whose defaults must be values that every run can have.</summary>
static class ParamRules
{
    /// <summary>The parameters and their defaults, null for no value.</summary>
    /// <param name="reader">Collects what is wrong.</param>
    /// <param name="node">The mapping; null for none.</param>
    /// <param name="scheduled">Whether a schedule starts runs.</param>
    /// <param name="pushed">Whether pushes start runs.</param>
    public static Dictionary<string, string?> Read(YamlReader reader, YamlNode? node, bool scheduled, bool pushed)
    {
        var values = new Dictionary<string, string?>();
        var budget = TemplateBudget.OfFile();
        if (node is null)
            return values;
        foreach (var (name, value) in reader.Map(node, "'params'"))
        {
            if (!DagNames.IsName(name))
                reader.Wrong(
                    value,
                    $"'{YamlReader.Shown(name)}' cannot be a parameter's name; use letters, digits, _ and -, at "
                        + "most 100"
                );
            else if (YamlReader.IsNull(value))
                values[name] = null;
            else if (reader.Text(value, $"The default of parameter '{name}'") is { } text)
                values[name] = Default(reader, (YamlScalar)value, text, name, scheduled, pushed, budget);
            else
                values[name] = "";
        }
        return values;
    }

    // Rendered once now: a default that no run can render would let the DAG start nothing, tick after tick.
    static string Default(
        YamlReader reader,
        YamlScalar node,
        string text,
        string name,
        bool scheduled,
        bool pushed,
        TemplateBudget budget
    )
    {
        if (TemplateText.MistakeIn(text) is { } unparsable)
            reader.Wrong(node, $"The template does not parse: {unparsable}");
        else if (TemplateValues.MistakeInDefault(text, scheduled, pushed, budget) is { } mistake)
            reader.Wrong(
                node,
                $"The default of parameter '{name}' cannot be rendered: {mistake}; use ds, logical_date, "
                    + $"data_interval_start, data_interval_end, run_id, and trigger.* where only pushes start the DAG"
            );
        // True and TRUE are the same value as true, and templates compare it.
        return node.Kind is ScalarKind.Boolean ? text.ToLowerInvariant() : text;
    }
}
