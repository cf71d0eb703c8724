using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>
/// A value of Airflow's JSON with its place. What Airflow wraps as <c>{"__type": …, "__var": …}</c> is unwrapped on the
/// way.
/// </summary>
/// <param name="Json">The value; undefined when there is none.</param>
/// <param name="Where">The file and the JSON path.</param>
readonly partial record struct AirflowValue(JsonElement Json, string Where)
{
    public bool Exists => Json.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public bool IsObject => Inner.Json.ValueKind is JsonValueKind.Object;

    public bool IsArray => Inner.Json.ValueKind is JsonValueKind.Array;

    /// <summary>The Python type that the value is wrapped as; null for none.</summary>
    public string? Type => Wrapped ? Json.GetProperty("__type").GetString() : null;

    bool Wrapped =>
        Json.ValueKind is JsonValueKind.Object
        && Json.TryGetProperty("__var", out _)
        && Json.TryGetProperty("__type", out var type)
        && type.ValueKind is JsonValueKind.String;

    /// <summary>The value without its wrapping.</summary>
    public AirflowValue Inner => Wrapped ? new(Json.GetProperty("__var"), Where + ".__var") : this;

    /// <summary>The member of an object; one that does not exist when there is none.</summary>
    public AirflowValue At(string name)
    {
        var inner = Inner;
        return inner.Json.ValueKind is JsonValueKind.Object && inner.Json.TryGetProperty(name, out var value)
            ? new(value, inner.Where + Step(name))
            : new(default, inner.Where + Step(name));
    }

    public IEnumerable<AirflowValue> Items()
    {
        var inner = Inner;
        return inner.Json.ValueKind is JsonValueKind.Array
            ? inner.Json.EnumerateArray().Select((x, i) => new AirflowValue(x, $"{inner.Where}[{i}]"))
            : [];
    }

    public IEnumerable<(string Name, AirflowValue Value)> Members()
    {
        var inner = Inner;
        return inner.Json.ValueKind is JsonValueKind.Object
            ? inner.Json.EnumerateObject().Select(x => (x.Name, new AirflowValue(x.Value, inner.Where + Step(x.Name))))
            : [];
    }

    /// <summary>A string; null when the value is none.</summary>
    public string? Text => Inner.Json is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A string, a number or a boolean as text; null when the value is none of them.</summary>
    public string? Scalar =>
        Inner.Json.ValueKind switch
        {
            JsonValueKind.String => Text,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => Inner.Json.GetRawText(),
            _ => null,
        };

    public double? Number =>
        Inner.Json is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;

    public bool IsTrue => Inner.Json.ValueKind is JsonValueKind.True;

    /// <summary>Whether it says nothing: absent, null, false, or empty.</summary>
    public bool IsEmpty =>
        Inner.Json switch
        {
            { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False } => true,
            { ValueKind: JsonValueKind.String } x => x.ValueEquals(""),
            { ValueKind: JsonValueKind.Array } x => x.GetArrayLength() == 0,
            { ValueKind: JsonValueKind.Object } x => !x.EnumerateObject().Any(),
            _ => false,
        };

    /// <summary>
    /// A duration: seconds, <c>PT5M</c>, or <c>{"days": 0, "seconds": 300, "microseconds": 0}</c>; null when it is
    /// none.
    /// </summary>
    public TimeSpan? Duration
    {
        get
        {
            try
            {
                return Number is { } seconds ? TimeSpan.FromSeconds(seconds)
                    : Text is { } text ? XmlConvert.ToTimeSpan(text)
                    : IsObject && At("seconds").Number is { } rest
                        ? TimeSpan.FromDays(At("days").Number ?? 0)
                            + TimeSpan.FromSeconds(rest)
                            + TimeSpan.FromMicroseconds(At("microseconds").Number ?? 0)
                    : null;
            }
            catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
            {
                return null;
            }
        }
    }

    /// <summary>An instant: seconds since 1970, or ISO 8601; null when it is none, or not of the years 1970 to
    /// 2199.</summary>
    public DateTimeOffset? Instant
    {
        get
        {
            var instant =
                Number is >= 0 and < 7_258_118_400 and { } seconds
                    ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)
                : DateTimeOffset.TryParse(
                    Text,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                    out var parsed
                )
                    ? parsed
                : (DateTimeOffset?)null;
            return instant is { Year: >= 1970 and < 2200 } ? instant : null;
        }
    }

    static string Step(string name) => PlainName().IsMatch(name) ? $".{name}" : $"['{name}']";

    [GeneratedRegex(@"\A\w+\z")]
    private static partial Regex PlainName();
}
