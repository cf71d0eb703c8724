using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// How the JSON is wrapped: GitHub sends either content type, and a hook made by its API sends the form by default.
/// </summary>
public enum BodyForm
{
    /// <summary><c>application/json</c></summary>
    Json,

    /// <summary><c>application/x-www-form-urlencoded</c> with the JSON in the field <c>payload</c>.</summary>
    Form,
}

/// <summary>Gets from the bytes as sent, which are what is signed and kept, to the JSON inside.</summary>
public static class Body
{
    /// <summary>GitHub sends no payload above 25 MiB; one more for a wrapper.</summary>
    public const long JsonLimit = 26 * 1024 * 1024;

    /// <summary>The same payload with its quotes and braces escaped; 1.4 times is what real payloads come to.</summary>
    public const long FormLimit = 40 * 1024 * 1024;

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Longest body taken, bytes.</summary>
    public static long LimitOf(BodyForm form) => form is BodyForm.Json ? JsonLimit : FormLimit;

    /// <summary>The form a content type names; null for one that is not ours, or not UTF-8.</summary>
    public static BodyForm? FormOf(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type))
            return null;
        if (type.Charset.HasValue && !type.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        return type.MediaType.Value?.ToLowerInvariant() switch
        {
            "application/json" => BodyForm.Json,
            "application/x-www-form-urlencoded" => BodyForm.Form,
            _ => null,
        };
    }

    /// <summary>
    /// The JSON inside a body, without a byte order mark; null when there is none, or not exactly one, or not in UTF-8.
    /// </summary>
    public static ReadOnlyMemory<byte>? Unwrap(BodyForm form, byte[] body)
    {
        if ((form is BodyForm.Json ? body : FormPayload.Read(body)) is not { } inner)
            return null;
        ReadOnlyMemory<byte>? json = inner.AsMemory(
            inner.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0
        );
        return Utf8.IsValid(json.Value.Span) ? json : null;
    }
}
