using System.Globalization;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// Replaces escapes in JSON that are no character: half a surrogate pair, which GitHub sends when it cuts a text in the
/// middle of an emoji and which JSON readers throw at, in names as in values; and NUL, which PostgreSQL cannot hold.
/// Each becomes U+FFFD.
/// </summary>
static class JsonEscapes
{
    const int Length = 6; // \uXXXX

    static ReadOnlySpan<byte> Replacement => @"\ufffd"u8;

    /// <summary>Cannot fail: what is no JSON stays as it is.</summary>
    /// <returns>The same memory when there is nothing to replace, otherwise a copy in
    /// <paramref name="blocks"/>.</returns>
    public static ReadOnlyMemory<byte> Clean(ReadOnlyMemory<byte> json, BodyBlocks blocks)
    {
        Memory<byte>? copy = null;
        for (var at = Next(json.Span, 0); at >= 0; )
        {
            var (length, isCharacter) = Judge(json.Span[at..]);
            if (!isCharacter)
                Replacement.CopyTo((copy ??= Copy(json, blocks)).Span[at..]);
            at = Next(json.Span, at + length);
        }
        return copy ?? json;
    }

    static int Next(ReadOnlySpan<byte> json, int from)
    {
        var found = from < json.Length ? json[from..].IndexOf((byte)'\\') : -1;
        return found < 0 ? -1 : from + found;
    }

    static (int Length, bool IsCharacter) Judge(ReadOnlySpan<byte> escape) =>
        Unit(escape) switch
        {
            null => (2, true), // \n and the like
            '\0' => (Length, false),
            { } high when char.IsHighSurrogate(high) && Unit(escape[Length..]) is { } low && char.IsLowSurrogate(low) =>
                (2 * Length, true),
            { } unit => (Length, !char.IsSurrogate(unit)),
        };

    static char? Unit(ReadOnlySpan<byte> escape) =>
        escape.Length >= Length
        && escape[..2].SequenceEqual(@"\u"u8)
        && ushort.TryParse(
            escape[2..Length],
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var unit
        )
            ? (char)unit
            : null;

    static Memory<byte> Copy(ReadOnlyMemory<byte> json, BodyBlocks blocks)
    {
        var copy = blocks.Allocate(json.Length);
        json.CopyTo(copy);
        return copy;
    }
}
