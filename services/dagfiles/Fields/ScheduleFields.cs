using System.Globalization;
using Nightshift.DagFiles.Yaml;
using Nightshift.Timetables;
using NodaTime.Text;

namespace Nightshift.DagFiles.Fields;

/// <summary>
/// Reads <c>schedule</c>, <c>timezone</c> and <c>catchup</c> of a DAG file: a cron expression, a preset, a list of
/// them, or a mapping that says more.
/// </summary>
static class ScheduleFields
{
    // The first three say when, and one of them must stand.
    static readonly string[] Keys =
    [
        "cron",
        "every",
        "at",
        "timezone",
        "catchup",
        "start",
        "end",
        "interval",
        "run_immediately",
        "jitter",
        "on_gap",
        "on_fold",
    ];

    // Enough for a year of days, and small beside the rest of a file.
    const int MostInstants = 500;
    const int MostCrons = 50;

    /// <summary>The schedule; null when there is none, or when the reader has noted what is wrong.</summary>
    public static Schedule? Read(YamlReader reader, IReadOnlyDictionary<string, YamlNode> dag)
    {
        var timezone = dag.TryGetValue("timezone", out var zone) ? Timezone(reader, zone) : TimeZones.Utc;
        var catchup = dag.TryGetValue("catchup", out var flag) && reader.Flag(flag, "'catchup'") is true;
        if (
            !dag.TryGetValue("schedule", out var node)
            || YamlReader.IsNull(node)
            || node is YamlScalar { Text: "" or "none" }
        )
            return null;
        var plain = new Schedule(null, null, timezone, catchup);
        if (node is not YamlMapping)
            return Crons(reader, node, plain);

        var map = reader.Map(node, "'schedule'", Keys);
        if (map.TryGetValue("timezone", out zone))
            plain = plain with { Timezone = Timezone(reader, zone) };
        if (map.TryGetValue("catchup", out flag))
            plain = plain with { Catchup = reader.Flag(flag, "'schedule.catchup'") is true };
        return Mapping(reader, node, map, WithOptions(reader, map, plain));
    }

    /// <summary>A schedule in a line, for lists: <c>0 9 * * *</c>, <c>every 15m</c>, <c>@once</c>.</summary>
    public static string Summary(Schedule schedule) =>
        schedule switch
        {
            { Cron: { } cron } => cron,
            { Crons: { } crons } => string.Join(", ", crons),
            { At: { } instants } => $"{instants.Count} instants",
            { EveryMonths: > 0 and var months } => months % 12 == 0 ? $"every {months / 12}y" : $"every {months}mo",
            _ => $"every {Durations.Write(schedule.Every!.Value)}",
        };

    static Schedule? Mapping(
        YamlReader reader,
        YamlNode node,
        IReadOnlyDictionary<string, YamlNode> map,
        Schedule options
    )
    {
        var kinds = Keys.Take(3).Where(map.ContainsKey).ToList();
        var schedule = kinds switch
        {
            ["cron"] => Crons(reader, map["cron"], options),
            ["every"] => Every(reader, map["every"], options, map.GetValueOrDefault("timezone")),
            ["at"] => Instants(reader, map["at"], options),
            _ => Unclear(reader, node),
        };
        if (schedule is not null)
            Check(reader, map, schedule);
        return schedule;
    }

    static Schedule? Unclear(YamlReader reader, YamlNode node)
    {
        reader.Wrong(node, "'schedule' must have either 'cron' or 'every', or 'at'");
        return null;
    }

    static Schedule WithOptions(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, Schedule schedule)
    {
        T? Option<T>(string key, Func<YamlNode, T?> read) => map.TryGetValue(key, out var node) ? read(node) : default;
        var (isInterval, covers) = Option("interval", x => Interval(reader, x));
        return schedule with
        {
            Start = Option("start", x => Instant(reader, x, "'schedule.start'", schedule.Timezone)),
            End = Option("end", x => Instant(reader, x, "'schedule.end'", schedule.Timezone)),
            Interval = isInterval,
            Covers = covers,
            RunImmediately = Option("run_immediately", x => Immediately(reader, x)),
            Jitter = Option(
                "jitter",
                x => reader.Duration(x, "'schedule.jitter'", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))
            ),
            OnGap = Option("on_gap", x => Choice<GapPolicy>(reader, x, "'schedule.on_gap'")),
            OnFold = Option("on_fold", x => Choice<FoldPolicy>(reader, x, "'schedule.on_fold'")),
        };
    }

    // What an option means nothing for is refused: whoever wrote it expects something of it.
    static void Check(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, Schedule schedule)
    {
        var isCron = schedule is { Cron: not null, IsOnce: false, IsContinuous: false } or { Crons: not null };
        var isRepeated = isCron || schedule.Every is not null || schedule.EveryMonths > 0;
        void Refuse(string key, bool when, string why)
        {
            if (when && map.TryGetValue(key, out var node))
                reader.Wrong(node, $"'schedule.{key}' {why}; remove it");
        }
        Refuse("interval", !isRepeated, "needs a cron expression or 'every'");
        Refuse("interval", schedule is { Interval: true, Crons: not null }, "needs a single cron expression");
        Refuse("run_immediately", !isCron, "needs a cron expression");
        Refuse("run_immediately", schedule.Start is not null, "has no effect beside 'start'");
        Refuse("run_immediately", schedule.Interval, "has no effect beside 'interval: true'");
        Refuse("jitter", schedule.IsOnce || schedule.IsContinuous, $"has no effect on {schedule.Cron}");
        Refuse("catchup", schedule.IsOnce || schedule.IsContinuous, $"has no effect on {schedule.Cron}");
        Refuse("on_gap", !isCron, "needs a cron expression");
        Refuse("on_fold", !isCron, "needs a cron expression");
        if (schedule.End <= schedule.Start)
            reader.Wrong(map["end"], "'schedule.end' is not later than 'schedule.start'; write a later one");
    }

    static Schedule? Crons(YamlReader reader, YamlNode node, Schedule schedule)
    {
        if (node is YamlMapping)
            reader.Wrong(node, "'schedule.cron' must be a cron expression or a list of them");
        if (node is YamlScalar)
            return Cron(reader, node) is { } cron ? schedule with { Cron = cron } : null;
        if (node is not YamlSequence { Items: { Count: > 0 and <= MostCrons } items })
        {
            reader.Wrong(node, $"'schedule' must list 1 to {MostCrons} cron expressions");
            return null;
        }
        var crons = items.Select(x => Cron(reader, x)).ToList();
        if (crons.Contains(null))
            return null;
        if (crons.Count > 1 && crons.FindIndex(x => x is CronPresets.Once or CronPresets.Continuous) is >= 0 and var i)
            reader.Wrong(items[i], $"'{crons[i]}' stands alone; remove it from the list");
        return crons is [var one]
            ? schedule with
            {
                Cron = one,
            }
            : schedule with
            {
                Crons = [.. crons.OfType<string>()],
            };
    }

    static string? Cron(YamlReader reader, YamlNode node)
    {
        var text = reader.Text(node, "'cron'");
        if (text is null or CronPresets.Once or CronPresets.Continuous)
            return text;
        if (CronPresets.Expressions.TryGetValue(text, out var preset))
            return preset;
        try
        {
            if (CronExpression.Parse(text).HasDays())
                return text;
            reader.Wrong(
                node,
                $"'{YamlReader.Shown(text)}' never comes: no year has such a day; correct the day or the month"
            );
        }
        catch (CronFormatException e)
        {
            var presets = CronPresets.Expressions.Keys.Concat([CronPresets.Once, CronPresets.Continuous]);
            reader.Wrong(
                node,
                $"'{YamlReader.Shown(text)}' is no schedule ({e.Message}); write five cron fields such as "
                    + $"\"0 9 * * 1-5\", or one of {string.Join(", ", presets)}"
            );
        }
        return null;
    }

    static Schedule? Every(YamlReader reader, YamlNode node, Schedule options, YamlNode? zone)
    {
        if (node is YamlScalar scalar && CalendarPeriod(scalar.Text) is var (months, days))
        {
            if (months > 0 && options.Start is null)
                reader.Wrong(node, "A period in months or years needs a day to count from; add 'schedule.start'");
            return options with
            {
                EveryMonths = months,
                Every = days > 0 ? TimeSpan.FromDays(days) : null,
                Timezone = options.Start is null ? options.Timezone : TimeZones.Utc,
            };
        }
        var period = reader.Duration(node, "'schedule.every'", TimeSpan.FromSeconds(1), TimeSpan.FromDays(366));
        if (period is not { } every)
            return null;
        var schedule = options with { Every = every };
        if (schedule.HasTimezone)
            return schedule;
        if (zone is not null && schedule.Start is null)
            reader.Wrong(
                zone,
                $"'every: {Durations.Write(every)}' counts elapsed time, which no time zone changes; remove"
                    + " 'schedule.timezone', or write whole days such as 1d, or a cron expression"
            );
        return schedule with { Timezone = TimeZones.Utc };
    }

    // "1mo", "2y" and "1w", which no duration has.
    static (int Months, int Days)? CalendarPeriod(string text)
    {
        var unit = text.TrimStart("0123456789".ToCharArray());
        if (
            !int.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count is < 1 or > 1200
        )
            return null;
        return unit switch
        {
            "w" => (0, 7 * count),
            "mo" => (count, 0),
            "y" => (12 * count, 0),
            _ => null,
        };
    }

    static Schedule? Instants(YamlReader reader, YamlNode node, Schedule options)
    {
        if (node is not YamlSequence { Items: { Count: > 0 and <= MostInstants } items })
        {
            reader.Wrong(node, $"'schedule.at' must list 1 to {MostInstants} instants such as 2026-03-01T09:00Z");
            return null;
        }
        var instants = items.Select(x => Instant(reader, x, "'schedule.at'", options.Timezone)).ToList();
        return instants.Contains(null)
            ? null
            : options with
            {
                At = [.. instants.OfType<DateTimeOffset>().Distinct().Order()],
                Timezone = TimeZones.Utc,
            };
    }

    static readonly LocalDateTimePattern[] LocalTimes =
    [
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss"),
    ];

    // With an offset an instant, without one a wall-clock time of the schedule's zone.
    static DateTimeOffset? Instant(YamlReader reader, YamlNode node, string what, string timezone)
    {
        if (reader.Text(node, what) is not { } text)
            return null;
        foreach (var pattern in LocalTimes)
            if (pattern.Parse(text) is { Success: true, Value: { Year: >= 1970 and < 2200 } local })
                return TimeZones.Find(timezone)?.AtLeniently(local).ToInstant().ToDateTimeOffset();
        var hasOffset =
            text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf(':', StringComparison.Ordinal);
        if (
            hasOffset
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var instant)
            && instant.Year is >= 1970 and < 2200
        )
            return instant.ToUniversalTime();
        reader.Wrong(
            node,
            $"{what} '{YamlReader.Shown(text)}' is no point in time; write 2026-03-01T09:00, or 2026-03-01T09:00Z"
        );
        return null;
    }

    static (bool, TimeSpan?) Interval(YamlReader reader, YamlNode node) =>
        node is YamlScalar { Kind: ScalarKind.Boolean }
            ? (reader.Flag(node, "'schedule.interval'") is true, null)
            : (false, reader.Duration(node, "'schedule.interval'", TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)));

    static RunImmediately? Immediately(YamlReader reader, YamlNode node) =>
        node switch
        {
            YamlScalar { Text: "auto" } => new(Always: false, Within: null),
            YamlScalar { Kind: ScalarKind.Boolean } => reader.Flag(node, "'schedule.run_immediately'") is true
                ? new(Always: true, Within: null)
                : null,
            _ => reader.Duration(node, "'schedule.run_immediately'", TimeSpan.FromSeconds(1), TimeSpan.FromDays(366))
                is { } within
                ? new(Always: false, within)
                : null,
        };

    static T? Choice<T>(YamlReader reader, YamlNode node, string what)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(x => x.ToLowerInvariant()).ToList();
        if (reader.Text(node, what) is not { } text)
            return null;
        if (names.Contains(text))
            return Enum.Parse<T>(text, ignoreCase: true);
        reader.Wrong(node, $"{what} '{YamlReader.Shown(text)}' is unknown; write {string.Join(" or ", names)}");
        return null;
    }

    static string Timezone(YamlReader reader, YamlNode node)
    {
        var zone = reader.Text(node, "'timezone'");
        if (zone is not null && TimeZones.Find(zone) is not null)
            return zone;
        if (zone is not null)
            reader.Wrong(
                node,
                $"'{YamlReader.Shown(zone)}' is no time zone; write an IANA name such as Europe/Berlin"
                    + (TimeZones.Nearest(zone) is { } nearest ? $"; did you mean '{nearest}'?" : "")
            );
        return TimeZones.Utc;
    }
}
