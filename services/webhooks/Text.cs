using System.Globalization;

namespace Nightshift.Webhooks;

/// <summary>Foreign text made fit to keep and to show.</summary>
static class Text
{
    /// <summary>At most so many characters, never half a surrogate pair.</summary>
    public static string Bounded(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    /// <summary>
    /// The same for a log line: what is invisible or changes the order of reading (control and format characters, line
    /// separators) becomes a question mark.
    /// </summary>
    public static string ForLog(string? text, int length) =>
        string.Concat(Bounded(text ?? "", length).Select(x => IsVisible(x) ? x : '?'));

    static bool IsVisible(char x) =>
        char.GetUnicodeCategory(x)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
