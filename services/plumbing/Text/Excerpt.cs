namespace Nightshift.Plumbing.Text;

/// <summary>Cuts text between characters. Half a surrogate pair cannot be encoded as UTF-8.</summary>
public static class Excerpt
{
    /// <summary>The first characters of a text, as many as fit into so many UTF-16 units.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="length">0 or more; a text that is not longer is returned as it is.</param>
    public static string Start(string text, int length) =>
        length >= text.Length ? text
        : length > 0 && char.IsHighSurrogate(text[length - 1]) && char.IsLowSurrogate(text[length])
            ? text[..(length - 1)]
        : text[..length];
}
