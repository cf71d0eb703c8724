using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Nightshift.Cli.Client;

/// <summary>Reads answers leniently: what is absent shows as nothing.</summary>
public static class JsonText
{
    // Readable rather than safe inside HTML: this goes to a terminal or a pipe.
    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    static readonly JsonSerializerOptions Flat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A property as text: strings without quotes, anything else as JSON; empty when absent or null.</summary>
    public static string Text(this JsonElement from, string name) =>
        from.At(name) switch
        {
            { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => "",
            { ValueKind: JsonValueKind.String } text => text.GetString() ?? "",
            var other => other.Compact(),
        };

    /// <summary>A property; undefined when absent.</summary>
    public static JsonElement At(this JsonElement from, string name) =>
        from.ValueKind is JsonValueKind.Object && from.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The elements of an array property; none when absent.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement from, string name) =>
        from.At(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>
    /// How an instant is written: local time, with its distance from UTC, because a DAG may name another zone.
    /// </summary>
    public const string Instant = "yyyy-MM-dd HH:mm:ss zzz";

    /// <summary>A time property in local time; empty when absent.</summary>
    public static string LocalTime(this JsonElement from, string name, string format = Instant) =>
        DateTimeOffset.TryParse(
            from.Text(name),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var at
        )
            ? at.ToLocalTime().ToString(format, CultureInfo.InvariantCulture)
            : "";

    /// <summary>On several lines.</summary>
    public static string Pretty(this JsonElement element) => Terminal.Json(JsonSerializer.Serialize(element, Indented));

    /// <summary>On one line.</summary>
    public static string Compact(this JsonElement element) => Terminal.Json(JsonSerializer.Serialize(element, Flat));
}
