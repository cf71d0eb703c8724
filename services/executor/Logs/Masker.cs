using Nightshift.Plumbing.Text;

namespace Nightshift.Executor.Logs;

/// <summary>Takes secrets out of a task's output.</summary>
/// <param name="secrets">The values the task was given.</param>
public sealed class Masker(IEnumerable<string> secrets)
{
    /// <summary>Shorter values are no secrets, and masking them would make logs unreadable.</summary>
    public const int ShortestSecret = 3;

    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    // The longest first: a secret that contains another one must not leave its rest behind.
    readonly string[] values =
    [
        .. secrets.Where(x => x.Length >= ShortestSecret).Distinct().OrderByDescending(x => x.Length),
    ];

    /// <summary>The text as it may be stored.</summary>
    public string Apply(string text) =>
        values.Aggregate(text, (x, secret) => x.Replace(secret, Mask, StringComparison.Ordinal));

    /// <summary>The line as it may be stored.</summary>
    public string Apply(RawLine line)
    {
        var text = Apply(line.Text);
        if (!line.Cut)
            return text;
        // The cut may have gone through a secret; what could be its beginning goes too.
        var doubtful = values.Length == 0 ? 0 : Math.Min(text.Length, values[0].Length - 1);
        return $"{Excerpt.Start(text, text.Length - doubtful)} … (line cut)";
    }
}
