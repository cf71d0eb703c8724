using System.Text;
using System.Text.RegularExpressions;

namespace Nightshift.Webhooks.Matching;

/// <summary>
/// Patterns over names with slashes, as GitHub's workflows have them: <c>*</c> stays within a segment, <c>**</c>
/// crosses, <c>**/</c> also stands for no segment at all. Every other character means itself.
/// </summary>
public sealed class Glob
{
    readonly Regex regex;

    /// <param name="pattern">The pattern; <c>!</c> in front excludes.</param>
    /// <param name="ignoreCase">True for repositories, whose names GitHub compares that way.</param>
    public Glob(string pattern, bool ignoreCase = false)
    {
        Excludes = pattern.StartsWith('!');
        // The engine without backtracking: no pattern makes a long name slow.
        var options =
            RegexOptions.NonBacktracking
            | RegexOptions.CultureInvariant
            | RegexOptions.Singleline
            | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        regex = new Regex(Translate(Excludes ? pattern.AsSpan(1) : pattern), options);
    }

    /// <summary>True when what matches is taken out.</summary>
    public bool Excludes { get; }

    /// <summary>True when the whole name matches, whichever way that counts.</summary>
    public bool Matches(string name) => regex.IsMatch(name);

    /// <summary>
    /// The pattern of a list that decides about a name: the last one that matches. With no pattern that includes,
    /// everything is in until excluded.
    /// </summary>
    /// <returns>Whether the name is in.</returns>
    public static bool Includes(IReadOnlyList<Glob> globs, string name) =>
        globs.LastOrDefault(x => x.Matches(name)) is { } last ? !last.Excludes : globs.All(x => x.Excludes);

    static string Translate(ReadOnlySpan<char> pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern[i..];
            var atSegment = i == 0 || pattern[i - 1] == '/';
            if (rest.StartsWith("**/") && atSegment)
                i += Append(regex, "(?:.*/)?", 3);
            else if (rest.StartsWith("**"))
                i += Append(regex, ".*", 2);
            else if (rest[0] == '*')
                Append(regex, "[^/]*", 1);
            else
                regex.Append(Regex.Escape(rest[..1].ToString()));
        }
        return regex.Append(@"\z").ToString();
    }

    static int Append(StringBuilder regex, string part, int length)
    {
        regex.Append(part);
        return length - 1;
    }
}
