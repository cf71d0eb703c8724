using System.Text.RegularExpressions;

namespace Nightshift.DagFiles.Yaml;

/// <summary>
/// Says what to write instead of lines that are no YAML, or other YAML than was meant. The parser says only what it
/// expected.
/// </summary>
static partial class YamlAdvice
{
    const int MaxLooked = 1000; // characters of a line
    const string Quotes = "put all of it in quotes, or a shell line below 'run: |'";

    /// <summary>The advice for a line; null when there is none.</summary>
    /// <param name="line">The line where the parser stopped.</param>
    /// <param name="before">The line before it, where a key without a space is joined to the next line.</param>
    /// <param name="message">What the parser said.</param>
    public static string? For(string line, string before, string message)
    {
        (line, before) = (Cut(line), Cut(before));
        if (message.Contains("escape", StringComparison.Ordinal))
            return "A backslash in double quotes begins an escape; write it twice, or use single quotes";
        if (Match(Template(), line) is { } template)
            return $"'{YamlReader.Shown(template)}' begins with '{{', which begins a mapping in YAML; put it in quotes: "
                + $"\"{YamlReader.Shown(template)}\"";
        if (Match(Continued(), line) is { } continued)
            return $"'{YamlReader.Shown(continued)}' goes on after what '{continued[0]}' begins; {Quotes}";
        if (Match(Colon(), line) is { } colon)
            return $"'{YamlReader.Shown(colon)}' has a colon and a space, which YAML reads as a key; {Quotes}";
        if ((Match(KeyWithoutSpace(), line) ?? Match(KeyWithoutSpace(), before)) is { } key)
            return $"A space is missing after '{YamlReader.Shown(key)}'";
        if (Dash().IsMatch(line))
            return "A list begins on a line of its own: write '- ' there, or the list in [ ]";
        return message.Contains("expected key", StringComparison.Ordinal)
            ? "The line is indented differently from the keys it belongs to, or something before it is not closed"
            : null;
    }

    static string Cut(string line) => (line.Length > MaxLooked ? line[..MaxLooked] : line).TrimEnd();

    static string? Match(Regex regex, string line) =>
        regex.Match(line) is { Success: true } match ? match.Groups["value"].Value.Trim() : null;

    // run: {{ params.x }}
    [GeneratedRegex(@"(?:[:-]\s+|[\[,]\s*|[^{]\{\s+)(?<value>\{\{[^}]*\}\}[^,}\]]*)")]
    private static partial Regex Template();

    // run: "ls" -l; run: [ -f x ] && ls
    [GeneratedRegex(@"^\s*(?:-\s+)?[\w.-]+:\s+(?<value>(?:\[[^\]]*\]|""[^""]*""|'[^']*')\s*[^\s#,\]}'""].*)$")]
    private static partial Regex Continued();

    // run: echo a: b
    [GeneratedRegex(@"^\s*(?:-\s+)?[\w.-]+:\s+(?<value>[^\s""'\[{|>&*#-][^""'{\[]*:\s.*)$")]
    private static partial Regex Colon();

    // dag:hello
    [GeneratedRegex(@"^\s*(?<value>[A-Za-z_][\w-]*:)[^\s:/]")]
    private static partial Regex KeyWithoutSpace();

    // needs: - extract
    [GeneratedRegex(@"^\s*[\w.-]+:\s+-\s")]
    private static partial Regex Dash();
}
