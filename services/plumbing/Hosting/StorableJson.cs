using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// Reads parts of a request's body that may be any JSON, and refuses what jsonb does not keep: U+0000, half a surrogate
/// pair, and numbers beyond those of programs, such as 1e999999.
/// </summary>
sealed class StorableJson : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ahead = reader;
        Check(ref ahead);
        if (ahead.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            while (ahead.Read() && ahead.CurrentDepth > reader.CurrentDepth)
                Check(ref ahead);
        return JsonElement.ParseValue(ref reader);
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) =>
        value.WriteTo(writer);

    static void Check(ref Utf8JsonReader reader)
    {
        if (
            reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
            && reader.GetString()!.Contains('\0')
        )
            throw new UnstorableTextException();
        if (reader.TokenType is JsonTokenType.Number && !double.IsFinite(Number(ref reader)))
            throw new JsonException("A number has too many digits");
    }

    // What is smaller than a double can be has digits that nobody reads, and too many for the database.
    static double Number(ref Utf8JsonReader reader)
    {
        const int MostDigits = 64;
        var text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        var exponent = text.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var e ? text[(e + 1)..] : "0"u8;
        return
            text.Length is > 0 and <= MostDigits
            && int.TryParse(exponent, CultureInfo.InvariantCulture, out var power)
            && power > -300
            ? reader.GetDouble()
            : double.NaN;
    }
}
