namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// Reads the one field <c>payload</c> of a URL-encoded form. Strict where a lenient reader would have to guess.
/// </summary>
static class FormPayload
{
    /// <summary>The field's bytes; null when it is absent, given twice, or wrongly escaped.</summary>
    public static byte[]? Read(ReadOnlySpan<byte> form)
    {
        byte[]? payload = null;
        foreach (var range in form.Split((byte)'&'))
        {
            var field = form[range];
            var equals = field.IndexOf((byte)'=');
            if (Decode(equals < 0 ? field : field[..equals]) is not { } name)
                return null;
            if (!name.AsSpan().SequenceEqual("payload"u8))
                continue;
            if (payload is not null || equals < 0 || Decode(field[(equals + 1)..]) is not { } value)
                return null;
            payload = value;
        }
        return payload;
    }

    static byte[]? Decode(ReadOnlySpan<byte> escaped)
    {
        var bytes = new byte[escaped.Length];
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
            bytes[length++] = b;
        }
        return bytes[..length];
    }

    static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
