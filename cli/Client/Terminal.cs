using System.Globalization;
using System.Text.RegularExpressions;

namespace Nightshift.Cli.Client;

/// <summary>
/// What may reach the reader's terminal. Foreign text must not move the cursor, rename the window, or change the order
/// in which a line is read: control characters are taken out, and what controls the direction of text, or ends a line
/// where none ends, shows as U+FFFD.
/// </summary>
public static partial class Terminal
{
    // Directions and their isolates and marks (Unicode TR 9), line and paragraph separator.
    const string Invisible = @"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]";

    /// <summary>One line of a task's output; colours and tabs pass.</summary>
    public static string Safe(string line) => OfLine().Replace(line, Neutral);

    /// <summary>One value in a table, on one line; nothing passes.</summary>
    public static string Value(string text) => OfValue().Replace(text.ReplaceLineEndings(" "), Neutral);

    /// <summary>Whole lines, as a command writes them; colours, tabs and ends of lines pass.</summary>
    public static string Lines(string text) => OfLines().Replace(text, Neutral);

    /// <summary>The same JSON with such characters escaped; they occur only inside its strings.</summary>
    public static string Json(string json) =>
        OfJson().Replace(json, x => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)x.Value[0]:x4}"));

    /// <summary>
    /// A text of at most so many UTF-16 units, cut between characters, with an ellipsis where it was cut.
    /// </summary>
    public static string Excerpt(string text, int most) =>
        text.Length <= most ? text : $"{text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)]}…";

    static string Neutral(Match match) =>
        match.Groups["passes"].Success ? match.Value
        : match.Groups["control"].Success ? ""
        : "\uFFFD";

    [GeneratedRegex(@"(?<passes>\e\[[0-9;]*m|\t)|(?<control>\p{Cc})|" + Invisible)]
    private static partial Regex OfLine();

    [GeneratedRegex(@"(?<control>\p{Cc})|" + Invisible)]
    private static partial Regex OfValue();

    [GeneratedRegex(@"(?<passes>\e\[[0-9;]*m|[\t\n])|(?<control>\p{Cc})|" + Invisible)]
    private static partial Regex OfLines();

    [GeneratedRegex(@"[\u007f-\u009f]|" + Invisible)]
    private static partial Regex OfJson();
}
