using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Nightshift.Plumbing.Messages;

/// <summary>
/// What may be shown of a message that could not be handled: its type and the beginning of its body, without values
/// that may be secrets. Reading it cannot fail, whatever the bytes are.
/// </summary>
/// <param name="Type">As in <c>StartAttempt</c>; a few words when the envelope cannot be read.</param>
/// <param name="Excerpt">ASCII JSON of at most <see cref="MaxExcerpt"/> characters; empty when unreadable.</param>
public sealed record MessageBody(string Type, string Excerpt)
{
    /// <summary>Longest excerpt, in characters.</summary>
    public const int MaxExcerpt = 2_000;

    /// <summary>Longest type name shown, in characters.</summary>
    const int MaxType = 200;

    /// <summary>Bodies over this many bytes are not parsed.</summary>
    const int MaxParsed = 1 << 20;

    const string Masked = "***";

    static readonly string[] SecretWords = ["secret", "password", "token", "authorization", "signature", "credential"];
    static readonly string[] SecretMaps = ["env", "environment", "headers"];

    /// <summary>Reads MassTransit's envelope.</summary>
    public static MessageBody Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxParsed)
            return new("message too large to show", "");
        try
        {
            var reader = new Utf8JsonReader(body);
            using var envelope = JsonDocument.ParseValue(ref reader);
            return new(TypeOf(envelope.RootElement), ExcerptOf(envelope.RootElement));
        }
        // half a surrogate pair is the latter
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new("unreadable message", "");
        }
    }

    // By its envelope, as in "urn:message:Nightshift.Contracts:StartAttempt": it may not have come as far as a type of
    // ours.
    static string TypeOf(JsonElement envelope) =>
        envelope.ValueKind is JsonValueKind.Object
        && envelope.TryGetProperty("messageType", out var types)
        && types is { ValueKind: JsonValueKind.Array }
        && types.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } urn
            ? PlainText.Of(urn.GetString()!.Split(':')[^1], MaxType)
            : "message of no type";

    static string ExcerptOf(JsonElement envelope)
    {
        if (envelope.ValueKind is not JsonValueKind.Object || !envelope.TryGetProperty("message", out var message))
            return "";
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes)) // escapes whatever is not plain ASCII
            Write(writer, message, masked: false);
        var text = Encoding.ASCII.GetString(bytes.WrittenSpan);
        return text.Length > MaxExcerpt ? text[..(MaxExcerpt - 3)] + "..." : text;
    }

    static void Write(Utf8JsonWriter writer, JsonElement value, bool masked)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, masked || IsSecret(property.Name));
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, masked);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Null:
                writer.WriteNullValue();
                break;
            default:
                if (masked)
                    writer.WriteStringValue(Masked);
                else
                    value.WriteTo(writer);
                break;
        }
    }

    static bool IsSecret(string name) =>
        SecretMaps.Contains(name, StringComparer.OrdinalIgnoreCase)
        || SecretWords.Any(x => name.Contains(x, StringComparison.OrdinalIgnoreCase));
}
