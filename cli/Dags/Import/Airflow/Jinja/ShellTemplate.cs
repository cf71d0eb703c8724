using System.Text;
using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import.Airflow.Jinja;

/// <summary>
/// Turns a templated shell script into one without templates: each expression becomes a variable, quoted as its place
/// in the script needs. Values are data then, where Airflow pastes them into the script.
/// </summary>
static partial class ShellTemplate
{
    /// <param name="template">The script with Jinja.</param>
    /// <param name="scope">Translates the expressions.</param>
    /// <param name="env">Takes the variables; none of its names is used again.</param>
    /// <exception cref="NotCarriedOverException">An expression has no counterpart, or stands where no variable
    /// can.</exception>
    public static string Translate(string template, JinjaScope scope, YamlMap env)
    {
        var parts = JinjaTemplate.Translate(template, scope);
        var (script, position) = (new StringBuilder(), new ShellPosition());
        foreach (var part in parts)
        {
            var text = part.Text ?? position.Variable(VariableOf(part.Liquid!, template, env));
            if (part.Text is not null)
                position.Read(text);
            script.Append(text);
        }
        return script.ToString();
    }

    /// <summary>The variable that has the value of an expression.</summary>
    public static string VariableOf(string liquid, string script, YamlMap env)
    {
        var value = new LiquidBuilder().AppendExpression(liquid).ToString();
        if (env.Entries.FirstOrDefault(x => x.Value.Equals(value)) is { Key: { } known })
            return known;
        var words = NotInNames().Replace(liquid.Split(" | ")[0].Replace("tasks.", "", StringComparison.Ordinal), "_");
        var name = words.Trim('_').ToUpperInvariant();
        name = name.Length is 0 or > 60 || char.IsAsciiDigit(name[0]) ? "VALUE" : name;
        var unique = name;
        for (var i = 2; env[unique] is not null || Regex.IsMatch(script, $@"\b{unique}\b"); i++)
            unique = $"{name}_{i}";
        env.Add(unique, value);
        return unique;
    }

    [GeneratedRegex(@"[^A-Za-z0-9]+")]
    private static partial Regex NotInNames();
}
