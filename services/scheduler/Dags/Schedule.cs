using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// When a DAG runs by itself: at the ticks of a cron expression in a time zone, or every so often.
/// </summary>
/// <param name="Cron">Five fields, or null when <paramref name="Every"/> says it.</param>
/// <param name="Every">A period of at least a second. Whole days (24h is one) are days of the calendar: ticks are at
/// midnight in <paramref name="Timezone"/>, on every n-th day since 1970-01-01. Other periods are elapsed time: ticks
/// are their multiples since 1970-01-01T00:00Z. Null when <paramref name="Cron"/> says it.</param>
/// <param name="Timezone">IANA name; cron fields are wall-clock times there. <c>UTC</c> for elapsed periods.</param>
/// <param name="Catchup">After an outage: true runs every missed tick, false only the latest.</param>
public sealed record Schedule(string? Cron, TimeSpan? Every, string Timezone, bool Catchup)
{
    /// <summary>Airflow's presets.</summary>
    public static IReadOnlyDictionary<string, string> Presets { get; } =
        new Dictionary<string, string>
        {
            ["@hourly"] = "0 * * * *",
            ["@daily"] = "0 0 * * *",
            ["@midnight"] = "0 0 * * *",
            ["@weekly"] = "0 0 * * 0",
            ["@monthly"] = "0 0 1 * *",
            ["@quarterly"] = "0 0 1 */3 *",
            ["@yearly"] = "0 0 1 1 *",
            ["@annually"] = "0 0 1 1 *",
        };

    /// <summary>The period in days of the calendar; null when it is elapsed time, or a cron expression.</summary>
    [JsonIgnore]
    public int? InDays =>
        Every is { } period && period > TimeSpan.Zero && period.Ticks % TimeSpan.TicksPerDay == 0 ? period.Days : null;

    /// <summary>Whether a time zone has a say in when the ticks are.</summary>
    [JsonIgnore]
    public bool HasTimezone => Cron is not null || InDays is not null;

    /// <summary>Its ticks.</summary>
    /// <exception cref="RejectedException">See <see cref="Dags.Timetable.Of"/>.</exception>
    public Timetable Timetable() => Dags.Timetable.Of(this);

    /// <summary>The first tick after an instant; null when there is none.</summary>
    /// <exception cref="RejectedException">See <see cref="Timetable"/> and
    /// <see cref="Dags.Timetable.TickAfter"/>.</exception>
    public DateTimeOffset? TickAfter(DateTimeOffset instant) => Timetable().TickAfter(instant);

    /// <summary>Whether another schedule has the same ticks, whatever it does about missed ones.</summary>
    public bool HasTicksOf(Schedule other) => this with { Catchup = other.Catchup } == other;
}
