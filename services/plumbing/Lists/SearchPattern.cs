using System.Text.RegularExpressions;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Lists;

/// <summary>
/// A pattern as Airflow's lists take it: a part of the text, in which <c>%</c> is any text and <c>_</c> any character;
/// <c>|</c> separates alternatives, and <c>~</c> alone is any text. Capital letters do not matter.
/// </summary>
public sealed class SearchPattern
{
    /// <summary>Characters at most.</summary>
    public const int Longest = 250;

    readonly Regex regex;

    SearchPattern(IReadOnlyList<string> parts)
    {
        Alternatives = [.. parts.Select(x => $"%{x.Replace("\\", @"\\", StringComparison.Ordinal)}%")];
        regex = new(
            string.Join('|', parts.Select(ToRegex)),
            RegexOptions.IgnoreCase
                | RegexOptions.CultureInvariant
                | RegexOptions.Singleline
                | RegexOptions.NonBacktracking
        );
    }

    /// <summary>The same for SQL's <c>ilike any</c>.</summary>
    public IReadOnlyList<string> Alternatives { get; }

    /// <summary>Reads a parameter; null when it is absent or empty, as any text is meant then.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="text">Its value.</param>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static SearchPattern? Parse(string name, string? text) =>
        text switch
        {
            null or "" or "~" => null,
            { Length: > Longest } => throw new RejectedException(
                $"invalid_{name}",
                $"'{name}' has {text.Length} characters; give at most {Longest}"
            ),
            _ => new([.. text.Split('|').Select(x => x.Trim()).Where(x => x.Length > 0).DefaultIfEmpty("%")]),
        };

    /// <summary>True for a text that is like it.</summary>
    public bool IsMatch(string text) => regex.IsMatch(text);

    static string ToRegex(string part) =>
        Regex.Escape(part).Replace("%", ".*", StringComparison.Ordinal).Replace('_', '.');
}
