namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// Reads the one field <c>payload</c> of a URL-encoded form. Strict where a lenient reader would have to guess.
/// </summary>
static class FormPayload
{
    /// <summary>The field's name with each of its letters escaped; a longer name is another one.</summary>
    const int LongestName = 7 * 3;

    /// <summary>The field's bytes; null when it is absent, given twice, or wrongly escaped.</summary>
    public static ReadOnlyMemory<byte>? Read(ReadOnlyMemory<byte> form, BodyBlocks blocks)
    {
        ReadOnlyMemory<byte>? payload = null;
        foreach (var range in form.Span.Split((byte)'&'))
        {
            var field = form[range];
            var equals = field.Span.IndexOf((byte)'=');
            if (!IsPayload(equals < 0 ? field.Span : field.Span[..equals]))
                continue;
            if (payload is not null || equals < 0)
                return null;
            payload = field[(equals + 1)..];
        }
        return payload is { } escaped ? Decode(escaped, blocks) : null;
    }

    static bool IsPayload(ReadOnlySpan<byte> name)
    {
        Span<byte> decoded = stackalloc byte[LongestName];
        return name.Length <= LongestName
            && Decode(name, decoded) is { } length
            && decoded[..length].SequenceEqual("payload"u8);
    }

    static ReadOnlyMemory<byte>? Decode(ReadOnlyMemory<byte> escaped, BodyBlocks blocks)
    {
        var decoded = blocks.Allocate(escaped.Length);
        return Decode(escaped.Span, decoded.Span) is { } length ? decoded[..length] : (ReadOnlyMemory<byte>?)null;
    }

    // The length of what was decoded; null when it is wrongly escaped.
    static int? Decode(ReadOnlySpan<byte> escaped, Span<byte> into)
    {
        var length = 0;
        for (var i = 0; i < escaped.Length; i++)
        {
            var b = escaped[i];
            if (b is (byte)'%')
            {
                if (
                    i + 2 >= escaped.Length
                    || !char.IsAsciiHexDigit((char)escaped[i + 1])
                    || !char.IsAsciiHexDigit((char)escaped[i + 2])
                )
                    return null;
                b = (byte)(Hex(escaped[i + 1]) << 4 | Hex(escaped[i + 2]));
                i += 2;
            }
            else if (b is (byte)'+')
            {
                b = (byte)' ';
            }
            into[length++] = b;
        }
        return length;
    }

    static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
