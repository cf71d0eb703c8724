using System.Text.RegularExpressions;

namespace Nightshift.Cli.Dags.Import.Airflow.Jinja;

/// <summary>A part of a translated template.</summary>
/// <param name="Text">Plain text; null for an expression.</param>
/// <param name="Liquid">A Liquid expression without its braces; null for text.</param>
sealed record JinjaPart(string? Text, string? Liquid);

/// <summary>Splits a Jinja template into text and Liquid expressions.</summary>
static partial class JinjaTemplate
{
    /// <exception cref="NotCarriedOverException">It has a statement, or an expression without counterpart.</exception>
    public static IReadOnlyList<JinjaPart> Translate(string template, JinjaScope scope)
    {
        var (parts, at, trim) = (new List<JinjaPart>(), 0, false);
        while (Begin(template, at) is var (begin, kind))
        {
            var text = template[at..begin];
            if (template.AsSpan(begin + 2).StartsWith("-"))
                text = text.TrimEnd();
            AddText(parts, trim ? text.TrimStart() : text);
            var end = End(template, begin + 2, kind);
            var inside = template[(begin + 2)..end].Trim('-', '+').Trim();
            trim = template[end - 1] == '-';
            at = end + 2;
            if (kind == '{')
                AddExpression(parts, scope.Translate(JinjaParser.Parse(inside)));
            else if (kind == '%')
                at = AddRaw(parts, template, inside, at);
        }
        AddText(parts, trim ? template[at..].TrimStart() : template[at..]);
        return parts;
    }

    /// <summary>Whether there is anything to translate.</summary>
    public static bool IsTemplate(string text) => Begin(text, 0) is not null;

    /// <summary>The template in Liquid.</summary>
    /// <exception cref="NotCarriedOverException">See <see cref="Translate"/>.</exception>
    public static string ToLiquid(string template, JinjaScope scope)
    {
        var builder = new LiquidBuilder();
        var parts = Translate(template, scope);
        if (parts.All(x => x.Liquid is null))
            return LiquidText.Literal(string.Concat(parts.Select(x => x.Text)));
        foreach (var part in parts)
            _ = part.Liquid is { } liquid ? builder.AppendExpression(liquid) : builder.Append(part.Text!);
        return builder.ToString();
    }

    static (int At, char Kind)? Begin(string text, int from)
    {
        var match = Opening().Match(text, from);
        return match.Success ? (match.Index, match.Value[1]) : null;
    }

    // The end of {{ … }}, {% … %} or {# … #}; not one that stands in quotes.
    static int End(string text, int from, char kind)
    {
        var close = kind == '{' ? "}}" : $"{kind}}}";
        for (var i = from; i + 1 < text.Length; i++)
            if (string.CompareOrdinal(text, i, close, 0, 2) == 0)
                return i;
            else if (kind != '#' && text[i] is '\'' or '"' && text.IndexOf(text[i], i + 1) is > 0 and var quote)
                i = quote;
        throw new NotCarriedOverException($"'{Client.Terminal.Excerpt(text[(from - 2)..], 60)}' has no end");
    }

    static int AddRaw(List<JinjaPart> parts, string template, string statement, int at)
    {
        if (statement != "raw")
            throw new NotCarriedOverException(
                $"The statement '{Client.Terminal.Excerpt(statement, 60)}' is not translated"
            );
        var end = EndOfRaw().Match(template, at);
        if (!end.Success)
            throw new NotCarriedOverException("'raw' has no end");
        AddText(parts, template[at..end.Index]);
        return end.Index + end.Length;
    }

    static void AddExpression(List<JinjaPart> parts, JinjaPart part)
    {
        if (part.Liquid is null)
            AddText(parts, part.Text!);
        else
            parts.Add(part);
    }

    static void AddText(List<JinjaPart> parts, string text)
    {
        if (text.Length > 0)
            parts.Add(new(text, null));
    }

    [GeneratedRegex(@"\{[{%#]")]
    private static partial Regex Opening();

    [GeneratedRegex(@"\{%[-+]?\s*endraw\s*[-+]?%\}")]
    private static partial Regex EndOfRaw();
}
