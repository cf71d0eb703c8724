using System.Text.Unicode;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// The JSON inside a body, made safe for every reader: UTF-8 without a byte order mark, and without the escapes that
/// are no characters (<see cref="JsonEscapes"/>). Payloads are read from here and from nowhere else.
/// </summary>
public sealed class Payload
{
    Payload(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The JSON text; it may still be malformed JSON.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Unwraps a body.</summary>
    /// <param name="form">How it is wrapped.</param>
    /// <param name="body">The bytes as sent.</param>
    /// <param name="blocks">Where decoded bytes go; the payload is valid until they are disposed.</param>
    /// <returns>Null when there is no payload inside, or not exactly one, or not in UTF-8.</returns>
    public static Payload? Read(BodyForm form, ReadOnlyMemory<byte> body, BodyBlocks blocks)
    {
        if ((form is BodyForm.Json ? body : FormPayload.Read(body, blocks)) is not { } json)
            return null;
        if (json.Span.StartsWith(ByteOrderMark))
            json = json[ByteOrderMark.Length..];
        return Utf8.IsValid(json.Span) ? new(JsonEscapes.Clean(json, blocks)) : null;
    }
}
