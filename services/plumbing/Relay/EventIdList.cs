using System.Buffers.Text;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// Event ids as the text of notifications: base64url, 22 characters each, without separators. Ids rather than numbers,
/// because anybody who may connect to the database may notify, and nobody guesses an id.
/// </summary>
static class EventIdList
{
    const int Characters = 22;

    /// <summary>PostgreSQL takes up to 7,999 bytes.</summary>
    public const int PerPayload = 7_900 / Characters;

    /// <summary>The ids as payloads; one empty payload for none.</summary>
    public static IEnumerable<string> Format(IReadOnlyCollection<Guid> ids) =>
        ids.Count == 0
            ? [""]
            : ids.Chunk(PerPayload)
                .Select(chunk => string.Concat(chunk.Select(id => Base64Url.EncodeToString(id.ToByteArray()))));

    /// <summary>The ids of a payload; what is no id is left out.</summary>
    public static IEnumerable<Guid> Parse(string payload)
    {
        var bytes = new byte[16];
        for (var at = 0; at + Characters <= payload.Length; at += Characters)
            if (
                Base64Url.IsValid(payload.AsSpan(at, Characters), out var length)
                && length == bytes.Length
                && Base64Url.TryDecodeFromChars(payload.AsSpan(at, Characters), bytes, out _)
            )
                yield return new Guid(bytes);
    }
}
