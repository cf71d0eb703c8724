using System.Text;

namespace Nightshift.DagFiles;

/// <summary>One thing wrong in a DAG file.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Text">What is wrong and what to write instead; printable characters only.</param>
public sealed record DagMistake(int Line, string Text)
{
    /// <summary>The column in that line, from 1; null when the whole line is meant.</summary>
    public int? Column { get; init; }

    // What each mistake costs beside its text, as "line 1234: " and a line break.
    const int Overhead = 16;

    /// <summary>
    /// The same mistakes in <see cref="DagFileLimits.MistakeBytes"/> of UTF-8 and in printable characters, the first
    /// ones first; what is left out is counted.
    /// </summary>
    /// <param name="mistakes">In the order of their lines.</param>
    /// <param name="more">How many were not even noted.</param>
    /// <param name="file">The name that stands before each when they are shown.</param>
    internal static IReadOnlyList<DagMistake> Bounded(
        IReadOnlyList<DagMistake> mistakes,
        int more = 0,
        string file = ""
    )
    {
        var each = Overhead + Encoding.UTF8.GetByteCount(file);
        var most = Math.Max(DagFileLimits.MistakeBytes - 2 * each - 40, 200); // 40: "and 1234 more mistakes"
        var (kept, left) = (new List<DagMistake>(), most);
        foreach (var mistake in mistakes)
        {
            var text = Printable(mistake.Text);
            if (kept.Count == 0)
                text = Cut(text, most);
            left -= Encoding.UTF8.GetByteCount(text) + (kept.Count > 0 ? each : 0);
            if (left < 0)
                break;
            kept.Add(mistake with { Text = text });
        }
        more += mistakes.Count - kept.Count;
        if (more > 0)
            kept.Add(new(kept[^1].Line, $"and {more} more mistake{(more == 1 ? "" : "s")}"));
        return kept;
    }

    static string Cut(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
            return text;
        var (cut, left) = (new StringBuilder(), bytes - 3);
        foreach (var rune in text.EnumerateRunes())
            if ((left -= rune.Utf8SequenceLength) < 0)
                break;
            else
                cut.Append(rune);
        return $"{cut}…";
    }

    // A file may hold escape sequences and characters that turn the direction of text.
    static string Printable(string text) =>
        string.Concat(
            text.EnumerateRunes()
                .Select(x =>
                    Rune.GetUnicodeCategory(x)
                        is System.Globalization.UnicodeCategory.Control
                            or System.Globalization.UnicodeCategory.Format
                            or System.Globalization.UnicodeCategory.LineSeparator
                            or System.Globalization.UnicodeCategory.ParagraphSeparator
                        ? "\uFFFD"
                        : x.ToString()
                )
        );
}

/// <summary>What reading a DAG file came to: a DAG, or what is wrong in it.</summary>
public sealed record DagReading(DagSpec? Spec, IReadOnlyList<DagMistake> Mistakes);
