using System.Text;

namespace Nightshift.DagFiles.Yaml;

/// <summary>Turns the bytes of a file into text, or names the line where they are none.</summary>
static class TextEncoding
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes UTF-8, with or without a byte order mark, and UTF-16 with one.</summary>
    /// <returns>The text, or the mistake; never both.</returns>
    public static (string? Text, DagMistake? Mistake) Decode(ReadOnlySpan<byte> bytes)
    {
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => Utf8,
        };
        try
        {
            return (encoding.GetString(bytes), null);
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + bytes[..Math.Clamp(e.Index, 0, bytes.Length)].Count((byte)'\n');
            return (
                null,
                new(line, "The line has bytes that are not UTF-8, as Latin-1 has them; save the file as UTF-8")
            );
        }
    }

    /// <summary>What is wrong with the characters of a text; null when YAML allows them all.</summary>
    public static DagMistake? MistakeIn(string text)
    {
        var at = text.AsSpan().IndexOfAnyExcept(Printable);
        if (at < 0)
            at = FirstLoneSurrogate(text);
        if (at < 0)
            return null;
        var line = 1 + text.AsSpan(0, at).Count('\n');
        return new(
            line,
            text[at] == '\uFEFF' ? "The line has a byte order mark (U+FEFF), which is invisible; delete it"
                : text[at] == '\0'
                    ? "The line has a NUL character, as UTF-16 without a byte order mark has; save the file as UTF-8"
                : $"The line has the character U+{(int)text[at]:X4}, which YAML does not allow; delete it or "
                    + $"write an escape in double quotes"
        );
    }

    /// <summary>Where the first half of a surrogate pair without the other half stands; -1 for nowhere.</summary>
    public static int FirstLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]))
                if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                    i++;
                else
                    return i;
        return -1;
    }

    // YAML 1.2, section 5.1; surrogates are looked at in pairs.
    static readonly System.Buffers.SearchValues<char> Printable = System.Buffers.SearchValues.Create([
        .. Enumerable
            .Range(0, 0x10000)
            .Select(x => (char)x)
            .Where(x =>
                x is '\t' or '\n' or '\r' or '\u0085' or (>= ' ' and <= '~') or (>= '\u00A0' and <= '\uFFFD')
                && x != '\uFEFF'
            ),
    ]);
}
