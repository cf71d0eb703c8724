using System.Globalization;
using Nightshift.DagFiles.Yaml;
using Nightshift.Timetables;
using NodaTime;
using NodaTime.Text;

namespace Nightshift.DagFiles.Fields;

/// <summary>A point in time as a file has it: with an offset an instant, without one a time on a wall clock.</summary>
/// <param name="Instant">The instant; null for a time on a wall clock.</param>
/// <param name="Local">That time.</param>
readonly record struct PointInTime(DateTimeOffset? Instant, LocalDateTime Local)
{
    static readonly LocalDateTimePattern[] LocalTimes =
    [
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss"),
    ];

    /// <summary>How a field of this shape is read and described.</summary>
    public static Shape<PointInTime> Shape { get; } =
        Fields.Shape.OfValue(
            "a date, or a date and time",
            JsonSchemas.Matching(@"\s*[0-9]{1,4}[-/. ].*|.*[0-9]{4}.*"),
            Read
        );

    /// <summary>The instant, on the clock of a zone of the tz database.</summary>
    public DateTimeOffset In(string timezone) =>
        Instant ?? TimeZones.Find(timezone)!.AtLeniently(Local).ToInstant().ToDateTimeOffset();

    /// <summary>Reads one; null when the reader has noted what is wrong.</summary>
    public static PointInTime? Read(YamlReader reader, YamlNode node, string what)
    {
        if (reader.Text(node, what) is not { } text)
            return null;
        foreach (var pattern in LocalTimes)
            if (pattern.Parse(text) is { Success: true, Value: { Year: >= 1970 and < 2200 } local })
                return new(null, local);
        var hasOffset =
            text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf(':', StringComparison.Ordinal);
        if (
            hasOffset
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var instant)
            && instant.Year is >= 1970 and < 2200
        )
            return new(instant.ToUniversalTime(), default);
        reader.Wrong(
            node,
            $"{what} '{YamlReader.Shown(text)}' is no point in time; write 2026-03-01T09:00, or 2026-03-01T09:00Z"
        );
        return null;
    }
}
