using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Hosting;

/// <summary>A text of a request's body that PostgreSQL keeps neither as text nor as jsonb.</summary>
sealed class UnstorableTextException() : JsonException(StorableText.Problem);

/// <summary>Reads the texts of a request's body, names of properties included, and refuses U+0000 in them.</summary>
/// <remarks>Half a surrogate pair, which cannot be kept either, is refused by the reader itself.</remarks>
sealed class StorableText : JsonConverter<string>
{
    public const string Problem = "it holds the character U+0000, which cannot be kept; leave it out";

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Check(reader.GetString());

    public override string ReadAsPropertyName(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => Check(reader.GetString())!;

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    /// <summary>The same for the query; Kestrel refuses such paths and headers.</summary>
    /// <exception cref="RejectedException"><c>invalid_query</c></exception>
    public static void CheckQuery(HttpRequest request)
    {
        if (!request.QueryString.HasValue)
            return;
        foreach (var (name, values) in request.Query)
            if (values.Any(x => x?.Contains('\0') is true))
                throw new RejectedException("invalid_query", $"'{name}' is no valid value: {Problem}");
    }

    static string? Check(string? text) => text?.Contains('\0') is true ? throw new UnstorableTextException() : text;
}
