using System.Text;

namespace Nightshift.Cli.Dags.Import;

/// <summary>Text as the templates of a DAG file have it.</summary>
static class LiquidText
{
    /// <summary>A text that renders to itself, also where it has the signs that begin a template.</summary>
    public static string Literal(string text) =>
        text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal)
            ? new LiquidBuilder().Append(text).ToString()
            : text;
}

/// <summary>Puts a template together from plain text and expressions.</summary>
sealed class LiquidBuilder
{
    readonly StringBuilder text = new();
    bool open; // the last character is a brace of plain text, which must not meet another

    public LiquidBuilder Append(string literal)
    {
        foreach (var c in literal)
        {
            if (open && c is '{' or '%')
                text.Remove(text.Length - 1, 1).Append("{{ '{' }}");
            text.Append(c);
            open = c == '{';
        }
        return this;
    }

    public LiquidBuilder AppendExpression(string expression)
    {
        if (open)
            text.Remove(text.Length - 1, 1).Append("{{ '{' }}");
        text.Append("{{ ").Append(expression).Append(" }}");
        open = false;
        return this;
    }

    public override string ToString() => text.ToString();
}
