using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nightshift.Plumbing.Streams;

/// <summary>An id that is a string with a type. Written to JSON as the bare string, also as a dictionary key.</summary>
public interface IStringId<TSelf>
    where TSelf : struct, IStringId<TSelf>
{
    /// <summary>The string.</summary>
    string Value { get; }

    /// <summary>Gives a string its type.</summary>
    static abstract TSelf Of(string value);
}

/// <summary>Reads and writes an <see cref="IStringId{TSelf}"/> as its string.</summary>
public sealed class StringIdConverter<T> : JsonConverter<T>
    where T : struct, IStringId<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.Of(reader.GetString() ?? "");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);

    /// <inheritdoc/>
    public override T ReadAsPropertyName(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => T.Of(reader.GetString() ?? "");

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);
}
