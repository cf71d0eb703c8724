using System.Globalization;
using Nightshift.Timetables;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>When a DAG runs.</summary>
/// <param name="Value"><c>schedule</c> of the DAG file; null for none.</param>
/// <param name="Timezone"><c>timezone</c> of the DAG file; null for UTC, or where no zone has a say.</param>
readonly record struct ImportedSchedule(object? Value, string? Timezone);

/// <summary>Translates timetables, start, end and catchup.</summary>
/// <param name="field">A field of the DAG by its names.</param>
/// <param name="findings">Takes what is left out.</param>
/// <param name="now">What is past must not run again.</param>
sealed class AirflowSchedule(
    Func<IReadOnlyList<string>, AirflowValue> field,
    ImportFindings findings,
    DateTimeOffset now
)
{
    const int MostInstants = 500;
    const int MostCrons = 50;

    enum Kind
    {
        Cron,
        Period,
        Instants,
        Single,
    }

    Kind kind;
    string? zone;
    YamlMap? times;

    public ImportedSchedule Read()
    {
        var timetable = field(["timetable"]);
        var interval = field(["schedule_interval"]);
        var summary = field(["timetable_summary"]);
        if (timetable.Type is { } type)
            Timetable(type, timetable);
        else if (interval.Exists)
            Interval(interval);
        else if (summary.Exists)
            Summary(summary);
        if (times is null || !Zone(timetable) || !Bounds())
            return default;
        var value = times is { Entries: [("cron", string only)] } ? only : (object)times;
        return new(value, zone is null or TimeZones.Utc ? null : zone);
    }

    void Timetable(string type, AirflowValue timetable)
    {
        switch (type[(type.LastIndexOf('.') + 1)..])
        {
            case "NullTimetable":
                break;
            case "OnceTimetable":
                Single(CronPresets.Once);
                break;
            case "ContinuousTimetable":
                Single(CronPresets.Continuous);
                break;
            case "CronDataIntervalTimetable":
                Cron(timetable.At("expression"), covers: YamlPlain.True);
                break;
            case "CronTriggerTimetable":
                Cron(timetable.At("expression"), Covers(timetable));
                Immediately(timetable);
                break;
            case "MultipleCronTriggerTimetable":
                Crons(timetable.At("expressions"), Covers(timetable));
                Immediately(timetable);
                break;
            case "DeltaDataIntervalTimetable":
                Period(timetable.At("delta"), covers: YamlPlain.True);
                break;
            case "DeltaTriggerTimetable":
                Period(timetable.At("delta"), Covers(timetable));
                break;
            case "EventsTimetable":
                Instants(timetable);
                break;
            case "AssetOrTimeSchedule" or "DatasetOrTimeSchedule":
                findings.Lose(timetable.Where, "schedule", "Assets do not start the DAG; its times do");
                if (timetable.At("timetable") is { Type: { } inner } value)
                    Timetable(inner, value);
                break;
            default:
                findings.Lose(timetable.Where, "schedule", $"'{type}' has no counterpart, so the DAG has no schedule");
                break;
        }
    }

    // Airflow 2 until 2.3.
    void Interval(AirflowValue value)
    {
        if (value.Text is null)
            Period(value, covers: YamlPlain.True);
        else if (value.Text is CronPresets.Once or CronPresets.Continuous)
            Single(value.Text);
        else if (value.Text is not ("None" or ""))
            Cron(value, covers: YamlPlain.True);
    }

    // What /details says for people: whether runs cover an interval shows in the next one.
    void Summary(AirflowValue value)
    {
        var text = value.Text ?? "";
        var covers = NextInterval() is { } next && next > TimeSpan.Zero ? YamlPlain.True : null;
        if (text is CronPresets.Once or CronPresets.Continuous)
            Single(text);
        else if (AirflowPeriod.Parse(text) is { } delta)
            Period(value, covers, delta);
        else if (text.Split(", ") is { Length: > 1 } crons && crons.All(x => CronMistake(x) is null))
            AddCrons([.. crons], value, covers: null);
        else if (CronMistake(text) is null)
            Cron(value, covers);
        else if (
            text.Length > 0
            && !text.StartsWith("None", StringComparison.Ordinal)
            && !text.StartsWith("Never", StringComparison.Ordinal)
        )
            findings.Lose(value.Where, "schedule", $"'{text}' is no schedule here, so the DAG has none");
    }

    TimeSpan? NextInterval() =>
        field(["next_dagrun_data_interval_end"]).Instant - field(["next_dagrun_data_interval_start"]).Instant;

    void Single(string name)
    {
        (kind, times) = (Kind.Single, new YamlMap(flow: true).Add("cron", name));
    }

    void Cron(AirflowValue expression, YamlPlain? covers) => AddCrons([expression.Text ?? ""], expression, covers);

    void Crons(AirflowValue expressions, YamlPlain? covers) =>
        AddCrons([.. expressions.Items().Select(x => x.Text ?? "")], expressions, covers);

    void AddCrons(IReadOnlyList<string> crons, AirflowValue where, YamlPlain? covers)
    {
        var mistake = crons.Count is 0 or > MostCrons
            ? $"It has {crons.Count} expressions; a DAG file takes 1 to {MostCrons}"
            : crons.Select(CronMistake).FirstOrDefault(x => x is not null);
        if (mistake is not null)
            findings.Lose(where.Where, "schedule", $"{mistake}, so the DAG has no schedule");
        else
            (kind, times) = (
                Kind.Cron,
                new YamlMap(flow: true).Add("cron", crons is [var one] ? one : crons).Add("interval", covers)
            );
    }

    static string? CronMistake(string cron)
    {
        try
        {
            return CronExpression.Parse(cron).HasDays() ? null : $"'{cron}' never comes";
        }
        catch (CronFormatException e)
        {
            return $"'{cron}' is no schedule: {e.Message}";
        }
    }

    void Period(AirflowValue delta, YamlPlain? covers) => Period(delta, covers, delta.Duration);

    void Period(AirflowValue delta, YamlPlain? covers, TimeSpan? elapsed)
    {
        if ((elapsed is { } period ? AirflowPeriod.OfElapsed(period) : AirflowPeriod.OfCalendar(delta)) is { } every)
            (kind, times) = (
                Kind.Period,
                new YamlMap(flow: true).Add("every", new YamlPlain(every)).Add("interval", covers)
            );
        else
            findings.Lose(
                delta.Where,
                "schedule",
                "A period is one number of seconds, minutes, hours, days, months or years; the DAG has no schedule"
            );
    }

    YamlPlain? Covers(AirflowValue timetable)
    {
        var interval = timetable.At("interval");
        if (interval.IsEmpty || interval.Duration == TimeSpan.Zero)
            return null;
        var text = interval.Duration is { } duration
            ? AirflowPeriod.OfElapsed(duration)
            : AirflowPeriod.OfCalendar(interval);
        if (text is not null && !text.EndsWith('o') && !text.EndsWith('y'))
            return new(text);
        findings.Lose(interval.Where, "interval", "It is no duration up to 366 days, so runs cover their tick alone");
        return null;
    }

    void Immediately(AirflowValue timetable)
    {
        var value = timetable.At("run_immediately");
        if (times is null || value.IsEmpty || field(["start_date"]).Exists) // beside a start it means nothing
            return;
        if (value.IsTrue)
            times.Add("run_immediately", YamlPlain.True);
        else if (value.Duration is { } within && AirflowPeriod.OfElapsed(within) is { } text)
            times.Add("run_immediately", new YamlPlain(text));
        else
            findings.Lose(value.Where, "run_immediately", "It is neither true nor a duration");
    }

    void Instants(AirflowValue timetable)
    {
        var dates = timetable.At("event_dates");
        var instants = dates.Items().Select(x => x.Inner.Instant).ToList();
        if (instants.Contains(null) || instants.Count is 0 or > MostInstants)
        {
            findings.Lose(dates.Where, "schedule", $"It needs 1 to {MostInstants} dates, so the DAG has no schedule");
            return;
        }
        if (timetable.At("restrict_to_events").IsTrue)
            findings.Lose(timetable.Where, "restrict_to_events", "Runs started by hand have their own date");
        IReadOnlyList<string> texts = [.. instants.Select(x => Written(x!.Value))];
        (kind, times) = (Kind.Instants, new YamlMap(flow: true).Add("at", texts));
    }

    // Only the times of cron expressions are of a clock; periods and instants are elapsed time.
    bool Zone(AirflowValue timetable)
    {
        var value = timetable.At("timezone") is { Exists: true } own ? own : field(["timezone"]);
        if (kind is not Kind.Cron || !value.Exists)
            return true;
        zone = value.Number is { } offset ? OfOffset(offset) : value.Text;
        if (zone is not null && TimeZones.Find(zone) is not null)
            return true;
        findings.Lose(value.Where, "timezone", $"'{value.Scalar}' is no IANA time zone, so the DAG has no schedule");
        return false;
    }

    // Seconds east of Greenwich; the names count the other way.
    static string? OfOffset(double seconds) =>
        seconds == 0 ? TimeZones.Utc
        : seconds % 3600 == 0 && Math.Abs(seconds) <= 12 * 3600
            ? string.Create(CultureInfo.InvariantCulture, $"Etc/GMT{-seconds / 3600:+0;-0}")
        : null;

    bool Bounds()
    {
        var (start, end, catchup) = (field(["start_date"]), field(["end_date"]), field(["catchup"]));
        if (start.Exists && start.Instant is null)
            findings.Lose(start.Where, "start_date", "It is no date of the years 1970 to 2199");
        if (end.Exists && end.Instant is null)
            findings.Lose(end.Where, "end_date", "It is no date of the years 1970 to 2199");
        var (first, all) = Start(start, catchup);
        if (first >= end.Instant)
        {
            findings.Lose(end.Where, "schedule", "It ended before it began, so the DAG has no schedule");
            return false;
        }
        if (first is null && times!["every"] is YamlPlain { Text: [.., 'o' or 'y'] })
        {
            findings.Lose(start.Where, "schedule", "Months and years need a start_date; the DAG has no schedule");
            return false;
        }
        times!
            .Add("start", first is { } from ? Written(from) : null)
            .Add("end", end.Instant is { } until ? Written(until) : null)
            .Add("catchup", all ? YamlPlain.True : null);
        return true;
    }

    // What ran in Airflow must not run again because the file is new here.
    (DateTimeOffset? Start, bool Catchup) Start(AirflowValue start, AirflowValue catchup)
    {
        var (all, next) = (catchup.IsTrue && kind is not Kind.Single, field(["next_dagrun_logical_date"]).Instant);
        if (start.Instant is not { } first || first > now)
            return (start.Instant, all);
        if (kind is Kind.Single)
            findings.Note(start.Where, "start_date", "It is past; the DAG runs as soon as the file is read");
        else if (next > first && (all || kind is Kind.Period))
            findings.Note(
                start.Where,
                "start_date",
                "The file begins with the next run of Airflow, not with the first"
            );
        else if (all)
            findings.Lose(
                catchup.Where,
                "catchup",
                $"Every run since {Written(first)} would run again; write 'catchup: true' and a 'start' of your own"
            );
        else if (kind is Kind.Period)
            findings.Note(start.Where, "start_date", "The last run before now runs as soon as the file is read");
        return kind is Kind.Period || all && next > first
            ? (next > first ? next : first, all && next > first)
            : (null, false);
    }

    static string Written(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(
            instant.Second == 0 ? "yyyy-MM-dd'T'HH:mm'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'",
            CultureInfo.InvariantCulture
        );
}
