using System.Text.Json;
using Nightshift.Timetables;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>Airflow's timetables, by the names of their classes.</summary>
static class TimetableReader
{
    /// <returns>Null for a class that Airflow itself does not have.</returns>
    /// <exception cref="CronFormatException">A cron expression has a mistake.</exception>
    /// <exception cref="ArgumentException">A step does not go forward.</exception>
    public static Timetable? Read(JsonElement data) =>
        data.GetProperty("type").GetString() switch
        {
            "CronDataIntervalTimetable" => new IntervalTimetable(Cron(data, data.GetProperty("cron"))),
            "CronTriggerTimetable" => Trigger(data, Cron(data, data.GetProperty("cron"))),
            "MultipleCronTriggerTimetable" => new UnionTimetable([
                .. data.GetProperty("crons").EnumerateArray().Select(x => Trigger(data, Cron(data, x))),
            ]),
            "DeltaDataIntervalTimetable" => new IntervalTimetable(new DeltaTicks(Step(data))),
            "DeltaTriggerTimetable" => Trigger(data, new DeltaTicks(Step(data))),
            "EventsTimetable" => new EventsTimetable(
                data.GetProperty("event_dates").EnumerateArray().Select(x => x.GetDateTimeOffset()),
                data.GetProperty("restrict_to_events").GetBoolean()
            ),
            "OnceTimetable" => new OnceTimetable(),
            "ContinuousTimetable" => new ContinuousTimetable(),
            "NullTimetable" => new EventsTimetable([]),
            _ => null,
        };

    static TriggerTimetable Trigger(JsonElement data, Ticks ticks) =>
        new(
            ticks,
            data.TryGetProperty("interval", out var interval) ? Delta(interval) : Timetables.Delta.Zero,
            data.TryGetProperty("run_immediately", out var at) ? Immediately(at) : new(Always: false, Within: null)
        );

    static RunImmediately Immediately(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object
            ? new(Always: false, Delta(value).Elapsed)
            : new(Always: value.ValueKind is JsonValueKind.True, Within: null);

    static CronTicks Cron(JsonElement data, JsonElement cron) =>
        new(CronExpression.Parse(cron.GetString()!), TimeZones.Find(data.GetProperty("timezone").GetString()!)!);

    static Delta Step(JsonElement data) =>
        Delta(data.GetProperty("delta")) is { IsPositive: true } step
            ? step
            : throw new ArgumentException("A step must go forward.");

    // {"timedelta_seconds": 3600} or {"relativedelta": {"months": 1}}
    static Delta Delta(JsonElement value)
    {
        if (value.TryGetProperty("timedelta_seconds", out var seconds))
            return new(0, TimeSpan.FromSeconds(seconds.GetDouble()));
        var parts = value.GetProperty("relativedelta");
        int Of(string name) => parts.TryGetProperty(name, out var part) ? part.GetInt32() : 0;
        return new(
            Of("years") * 12 + Of("months"),
            new TimeSpan(Of("weeks") * 7 + Of("days"), Of("hours"), Of("minutes"), Of("seconds"))
        );
    }
}
