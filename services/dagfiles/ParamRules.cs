using System.Text.Json;
using Nightshift.DagFiles.Fields;
using Nightshift.DagFiles.Schemas;
using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>Reads <c>params:</c>, whose defaults must be values that every run can have.</summary>
/// <param name="reader">Collects what is wrong.</param>
/// <param name="scheduled">Whether a schedule starts runs.</param>
/// <param name="pushed">Whether pushes start runs.</param>
sealed class ParamRules(YamlReader reader, bool scheduled, bool pushed)
{
    readonly Dictionary<string, string?> values = [];
    readonly Dictionary<string, ParamSpec> typed = [];
    readonly TemplateBudget budget = TemplateBudget.OfFile();

    /// <summary>The parameters and their defaults, null for no value, and those that are declared with more.</summary>
    /// <param name="node">The mapping; null for none.</param>
    public (Dictionary<string, string?> Values, Dictionary<string, ParamSpec> Typed) Read(YamlNode? node)
    {
        if (node is not null)
            foreach (var (name, value) in reader.Map(node, "'params'"))
                if (DagNames.IsName(name))
                    Read(name, value);
                else
                    reader.Wrong(
                        value,
                        $"'{YamlReader.Shown(name)}' cannot be a parameter's name; use letters, digits, _ and -, at "
                            + "most 100"
                    );
        return (values, typed);
    }

    void Read(string name, YamlNode value)
    {
        values[name] = null;
        if (value is YamlMapping)
            typed[name] = Declared(name, value);
        else if (value is YamlSequence)
            reader.Wrong(
                value,
                $"'params.{name}' must be text, not a list; write '{name}: {{ default: […] }}' for a list as default"
            );
        else if (!YamlReader.IsNull(value) && reader.Text(value, $"The default of parameter '{name}'") is { } text)
            values[name] = Text(name, (YamlScalar)value, text);
    }

    string Text(string name, YamlScalar node, string text)
    {
        CheckTemplate(name, node, text);
        // True and TRUE are the same value as true, and templates compare it.
        return node.Kind is ScalarKind.Boolean ? text.ToLowerInvariant() : text;
    }

    ParamSpec Declared(string name, YamlNode node)
    {
        var read = ParamFields.Table.Read(reader, node, $"'params.{name}'", $"params.{name}.", new());
        var description = ParamFields.DescriptionOf(reader, read, $"params.{name}");
        if (read.Draft.Default is not { } written)
        {
            CheckRequired(name, read);
            return new(read.Draft.Schema, Default: null, Required: true, description);
        }
        var value = ParamFields.Json(reader, written, $"'params.{name}.default'");
        if (value is { ValueKind: JsonValueKind.String } text && TemplateText.IsTemplate(text.GetString()!))
            CheckTemplate(name, written, text.GetString()!);
        else if (value is { } constant && IsRight(read, "schema"))
            CheckDefault(name, written, read.Draft.Schema, constant);
        return new(read.Draft.Schema, value, Required: false, description);
    }

    static bool IsRight(Written<ParamDraft> param, string field) =>
        !param.Nodes.ContainsKey(field) || param.Draft.Schema is not null;

    // As in Airflow: nobody is there to give the value.
    void CheckRequired(string name, Written<ParamDraft> param)
    {
        if (scheduled || pushed)
            reader.Wrong(
                param.Node,
                $"'params.{name}' has no default, and {(scheduled ? "a schedule" : "a push")} that starts the DAG "
                    + "gives no value; write a 'default'"
            );
    }

    void CheckDefault(string name, YamlNode node, JsonElement? schema, JsonElement value)
    {
        if (ValueSchema.Of(schema).Check($"params.{name}.default", value) is [var violation, ..])
            reader.Wrong(node, $"The default does not fit its schema: {violation}");
    }

    // Rendered once now: a default that no run can render would let the DAG start nothing, tick after tick.
    void CheckTemplate(string name, YamlNode node, string text)
    {
        if (TemplateText.MistakeIn(text) is { } unparsable)
            reader.Wrong(node, $"The template does not parse: {unparsable}");
        else if (TemplateValues.MistakeInDefault(text, scheduled, pushed, budget) is { } mistake)
            reader.Wrong(
                node,
                $"The default of parameter '{name}' cannot be rendered: {mistake}; use ds, logical_date, "
                    + $"data_interval_start, data_interval_end, run_id, and trigger.* where only pushes start the DAG"
            );
    }
}
