using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Timetables;

namespace Nightshift.DagFiles;

/// <summary>
/// When a DAG runs by itself, as its file says. Part of the hashed version: a property that is not written in the file
/// is left out of the JSON, so that a DAG keeps its version when this learns something new.
/// </summary>
/// <param name="Cron">A cron expression of 5 to 7 fields, <c>@once</c> or <c>@continuous</c>; null when another
/// property says when.</param>
/// <param name="Every">A period of at least a second. Without a start, whole days (24h is one) are days of the
/// calendar: ticks are at midnight in <paramref name="Timezone"/>, on every n-th day since 1970-01-01; other periods
/// are elapsed time: ticks are their multiples since 1970-01-01T00:00Z. With a start, each run is a period after the
/// one
/// before. Null when another property says when.</param>
/// <param name="Timezone">IANA name; cron fields are wall-clock times there. <c>UTC</c> for elapsed periods.</param>
/// <param name="Catchup">After an outage: true runs every missed tick, false only the latest.</param>
public sealed record Schedule(string? Cron, TimeSpan? Every, string Timezone, bool Catchup)
{
    /// <summary>Several cron expressions, at least two; two ticks at the same instant are one. Null for one or none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<string>? Crons { get; init; }

    /// <summary>Explicit instants (UTC); null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<DateTimeOffset>? At { get; init; }

    /// <summary>A period in months of the calendar; 0 for none. Needs a start.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int EveryMonths { get; init; }

    /// <summary>A run covers the time between two ticks and is due at its end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interval { get; init; }

    /// <summary>How much time before its tick a run covers; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan? Covers { get; init; }

    /// <summary>No tick before this (UTC); null for no bound.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTimeOffset? Start { get; init; }

    /// <summary>No tick after this (UTC); null for no bound.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTimeOffset? End { get; init; }

    /// <summary>What becomes of ticks that a clock leaves out; null for what Airflow does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public GapPolicy? OnGap { get; init; }

    /// <summary>When ticks come that a clock shows twice; null for what Airflow does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FoldPolicy? OnFold { get; init; }

    /// <summary>What is done with the tick before the schedule begins; null to wait for the next.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RunImmediately? RunImmediately { get; init; }

    /// <summary>Runs are started up to this much after their tick, each tick always the same; null for at once.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan? Jitter { get; init; }

    /// <summary>The period in days of the calendar; null when it is elapsed time, or no period.</summary>
    [JsonIgnore]
    public int? InDays =>
        Start is null && Every is { } period && period > TimeSpan.Zero && period.Ticks % TimeSpan.TicksPerDay == 0
            ? period.Days
            : null;

    /// <summary>Whether a time zone has a say in when the ticks are.</summary>
    [JsonIgnore]
    public bool HasTimezone => Crons is not null || Cron is not null && !IsOnce && !IsContinuous || InDays is not null;

    /// <summary>One run only.</summary>
    [JsonIgnore]
    public bool IsOnce => Cron == CronPresets.Once;

    /// <summary>Each run begins when the one before has ended.</summary>
    [JsonIgnore]
    public bool IsContinuous => Cron == CronPresets.Continuous;

    /// <summary>Which runs are wanted.</summary>
    [JsonIgnore]
    public TimeRestriction Restriction => new(Start, End, Catchup);

    /// <summary>In a line, for lists: <c>0 9 * * *</c>, <c>every 15m</c>, <c>@once</c>.</summary>
    public string Summary() =>
        this switch
        {
            { Cron: { } cron } => cron,
            { Crons: { } crons } => string.Join(", ", crons),
            { At: { } instants } => $"{instants.Count} instants",
            { EveryMonths: > 0 and var months } => months % 12 == 0 ? $"every {months / 12}y" : $"every {months}mo",
            _ => $"every {Durations.Write(Every!.Value)}",
        };

    /// <summary>Whether another schedule has the same ticks, whatever it does about missed ones.</summary>
    public bool HasTicksOf(Schedule other) => Text(this with { Catchup = other.Catchup }) == Text(other);

    static string Text(Schedule schedule) => JsonSerializer.Serialize(schedule, CanonicalJson.Options);
}
