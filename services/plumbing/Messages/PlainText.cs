using System.Globalization;
using System.Text;

namespace Nightshift.Plumbing.Messages;

/// <summary>Text from outside, as one bounded line that steers no terminal and no page.</summary>
static class PlainText
{
    /// <summary>
    /// At most <paramref name="limit"/> characters; control and formatting characters, such as a change of the writing
    /// direction, become spaces.
    /// </summary>
    public static string Of(string text, int limit) =>
        string.Concat(text.EnumerateRunes().Take(limit).Select(x => IsPlain(x) ? x.ToString() : " "));

    static bool IsPlain(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );
}
