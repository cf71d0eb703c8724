using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Nightshift.Cli.Client;

/// <summary>Reads answers leniently: what is absent shows as nothing.</summary>
public static class JsonText
{
    // Readable rather than safe inside HTML: this goes to a terminal or a pipe.
    internal static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = Encoder };
    static readonly JsonSerializerOptions Flat = new() { Encoder = Encoder };

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

    /// <summary>
    /// The beginning of its JSON on one line, at most so many UTF-16 units. What is behind it is not written at all: a
    /// value may have megabytes.
    /// </summary>
    public static string Excerpt(this JsonElement element, int most)
    {
        var text = new StringBuilder();
        Write(element, text, most + 1);
        return Terminal.Excerpt(Terminal.Json(text.ToString()), most);
    }

    static void Write(JsonElement element, StringBuilder text, int enough)
    {
        if (element.ValueKind is JsonValueKind.Object)
            Write(text, '{', '}', element.EnumerateObject(), enough, x => Member(x, text, enough));
        else if (element.ValueKind is JsonValueKind.Array)
            Write(text, '[', ']', element.EnumerateArray(), enough, x => Write(x, text, enough));
        else
            text.Append(JsonSerializer.Serialize(element, Flat));
    }

    static void Member(JsonProperty member, StringBuilder text, int enough)
    {
        text.Append(JsonSerializer.Serialize(member.Name, Flat)).Append(':');
        Write(member.Value, text, enough);
    }

    static void Write<T>(StringBuilder text, char begin, char end, IEnumerable<T> parts, int enough, Action<T> write)
    {
        text.Append(begin);
        foreach (var (i, part) in parts.Index())
        {
            if (text.Length >= enough)
                return;
            if (i > 0)
                text.Append(',');
            write(part);
        }
        text.Append(end);
    }

    /// <summary>On one line.</summary>
    public static string Compact(this JsonElement element) => Terminal.Json(JsonSerializer.Serialize(element, Flat));
}
