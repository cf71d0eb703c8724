using System.Text.Json;
using Nightshift.Webhooks.Bodies;

namespace Nightshift.Webhooks.Receiving;

/// <summary>
/// The few fields worth knowing of any delivery. Null where the payload has none; no shape is ever too strange to be
/// recorded.
/// </summary>
/// <param name="Action">What happened to the event's subject, e.g. <c>opened</c>.</param>
/// <param name="Repository"><c>owner/name</c></param>
/// <param name="Ref">The full ref of a push, e.g. <c>refs/heads/main</c>.</param>
/// <param name="Sender">Login of whoever caused it.</param>
public sealed record Envelope(string? Action, string? Repository, string? Ref, string? Sender)
{
    /// <summary>Deeper than any payload of GitHub's, shallow enough for any stack.</summary>
    public const int MaxDepth = 256;

    /// <summary>Longest text kept of one field, characters.</summary>
    internal const int MaxText = 1024;

    /// <summary>
    /// Reads the whole document once without building it. Of a repeated key the last one counts, as in every other
    /// reader used here.
    /// </summary>
    /// <returns>Null when the bytes are not one JSON object.</returns>
    public static Envelope? Read(Payload payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload.Json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject ? Read(ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static Envelope Read(ref Utf8JsonReader reader)
    {
        var envelope = new Envelope(null, null, null, null);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("action"u8))
                envelope = envelope with { Action = Text(ref reader) };
            else if (reader.ValueTextEquals("ref"u8))
                envelope = envelope with { Ref = Text(ref reader) };
            else if (reader.ValueTextEquals("repository"u8))
                envelope = envelope with { Repository = Member(ref reader, "full_name"u8) };
            else if (reader.ValueTextEquals("sender"u8))
                envelope = envelope with { Sender = Member(ref reader, "login"u8) };
            else
                Pass(ref reader);
        }
        reader.Read(); // throws when anything follows the object
        return envelope;
    }

    static string? Member(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        string? value = null;
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            if (reader.ValueTextEquals(name))
                value = Text(ref reader);
            else
                Pass(ref reader);
        return value;
    }

    static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.String)
            return reader.GetString() is { Length: <= MaxText } text ? text : null;
        reader.Skip();
        return null;
    }

    static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
