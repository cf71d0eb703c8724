namespace Nightshift.Timetables;

/// <summary>
/// A cron expression on a wall clock without a zone: five fields (minute, hour, day of month, month, day of week), a
/// sixth for seconds, a seventh for years. It reads and answers as croniter does, which is what Airflow asks.
/// </summary>
public sealed class CronExpression
{
    /// <summary>The longest expression that is read, in characters.</summary>
    public const int MaxLength = 500;

    // No later tick is looked for, as croniter does: some expressions have none.
    const int MaxYears = 50;

    readonly CronField minutes;
    readonly CronField hours;
    readonly CronField months;
    readonly CronField seconds = new([0], Any: false);
    readonly CronField? years;
    readonly CronDays days;

    CronExpression(string text)
    {
        if (text.Length > MaxLength)
            throw new CronFormatException($"it has {text.Length} characters; write at most {MaxLength}");
        var fields = CronPresets
            .Expand(text)
            .ToLowerInvariant()
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is < 5 or > 7)
            throw new CronFormatException(
                $"it has {fields.Length} fields; write 5, 6 or 7 with one space between them"
            );
        HasSeconds = fields.Length > 5;
        minutes = CronField.Parse(CronFieldKind.Minute, fields[0]);
        hours = CronField.Parse(CronFieldKind.Hour, fields[1]);
        days = new(fields[2], fields[4]);
        months = CronField.Parse(CronFieldKind.Month, fields[3]);
        if (HasSeconds)
            seconds = CronField.Parse(CronFieldKind.Second, fields[5]);
        if (fields.Length > 6 && CronField.Parse(CronFieldKind.Year, fields[6]) is { Any: false } restricted)
            years = restricted;
    }

    /// <summary>Reads an expression or a preset; letters may be of any case.</summary>
    /// <exception cref="CronFormatException">What is wrong.</exception>
    public static CronExpression Parse(string text) => new(text);

    /// <summary>It has a sixth field.</summary>
    public bool HasSeconds { get; }

    /// <summary>It ticks in each hour of a day it ticks on.</summary>
    public bool CoversEveryHour => hours.IsFull(CronFieldKind.Hour);

    /// <summary>Day of month and day of week are both restricted: it ticks where either fits.</summary>
    public bool IsUnionOfDays => days.IsUnion;

    /// <summary>It ticks at midnight, and at no other time of a day.</summary>
    public bool IsMidnight => hours.Values is [0] && minutes.Values is [0] && seconds.Values is [0];

    /// <summary>Whether any day fits, of some years.</summary>
    /// <param name="of">The years looked at; null for all, of which 28 show every calendar.</param>
    public bool HasDays(IReadOnlyList<int>? of = null) =>
        (of ?? years?.Values ?? [.. Enumerable.Range(2000, 28)])
            .Where(x => years is null || years.Has(x))
            .Select(x => new DateTime(x, 1, 1))
            .Any(first =>
                Enumerable.Range(0, 366).Select(x => first.AddDays(x)).Any(x => x.Year == first.Year && HasDay(x))
            );

    /// <summary>The first tick after a wall-clock time; null when there is none within 50 years.</summary>
    public DateTime? Next(DateTime after)
    {
        var from = HasSeconds
            ? Truncate(after, TimeSpan.TicksPerSecond).AddSeconds(1)
            : Truncate(after, TimeSpan.TicksPerMinute).AddMinutes(1);
        for (var date = from.Date; date.Year <= Math.Min(after.Year + MaxYears, DateTime.MaxValue.Year - 1); )
        {
            if (years is not null && !years.Has(date.Year))
                date = new(date.Year + 1, 1, 1);
            else if (!months.Has(date.Month))
                date = date.AddDays(1 - date.Day).AddMonths(1);
            else if (days.Has(date) && TimeFrom(date == from.Date ? from.TimeOfDay : TimeSpan.Zero) is { } time)
                return date + time;
            else
                date = date.AddDays(1);
        }
        return null;
    }

    /// <summary>The last tick before a wall-clock time; null when there is none within 50 years.</summary>
    public DateTime? Previous(DateTime before)
    {
        var until = before.AddTicks(-1);
        for (var date = until.Date; date.Year >= Math.Max(before.Year - MaxYears, 2); )
        {
            if (years is not null && !years.Has(date.Year))
                date = new(date.Year - 1, 12, 31);
            else if (!months.Has(date.Month))
                date = date.AddDays(-date.Day);
            else if (
                days.Has(date) && TimeUntil(date == until.Date ? until.TimeOfDay : TimeSpan.FromHours(24)) is { } time
            )
                return date + time;
            else
                date = date.AddDays(-1);
        }
        return null;
    }

    bool HasDay(DateTime date) => months.Has(date.Month) && days.Has(date);

    TimeSpan? TimeFrom(TimeSpan from)
    {
        foreach (var hour in hours.From(from.Hours))
        foreach (var minute in minutes.From(hour == from.Hours ? from.Minutes : 0))
        foreach (var second in seconds.From(hour == from.Hours && minute == from.Minutes ? from.Seconds : 0))
            return new(hour, minute, second);
        return null;
    }

    TimeSpan? TimeUntil(TimeSpan until)
    {
        var (h, m, s) = until.Days > 0 ? (23, 59, 59) : (until.Hours, until.Minutes, until.Seconds);
        foreach (var hour in hours.DownFrom(h))
        foreach (var minute in minutes.DownFrom(hour == h ? m : 59))
        foreach (var second in seconds.DownFrom(hour == h && minute == m ? s : 59))
            return new(hour, minute, second);
        return null;
    }

    static DateTime Truncate(DateTime time, long ticks) => time.AddTicks(-(time.Ticks % ticks));
}
