namespace Nightshift.Timetables;

/// <summary>Something in a cron expression that is allowed and often not meant.</summary>
/// <param name="Code">Stable, for programs: <c>either_day</c>, <c>never</c>, <c>midnight</c>, <c>whole_cycle</c>.
/// </param>
/// <param name="Text">For people.</param>
public sealed record CronWarning(string Code, string Text);

/// <summary>Looks for what is often not meant in a cron expression.</summary>
public static class CronLint
{
    /// <summary>The warnings; none for most expressions.</summary>
    /// <param name="text">The expression or preset.</param>
    /// <param name="now">From when on ticks are looked for, on the wall clock.</param>
    /// <exception cref="CronFormatException">It is none.</exception>
    public static IEnumerable<CronWarning> Of(string text, DateTime now)
    {
        var cron = CronExpression.Parse(text);
        if (!cron.HasDays())
            yield return new("never", "It never runs: no year has such a day.");
        else if (cron.Next(now) is null)
            yield return new("never", "It never runs again within 50 years.");
        if (cron.IsUnionOfDays)
            yield return new(
                "either_day",
                "Day of month and day of week are both set: it runs on days that fit either, not both."
            );
        if (cron.IsMidnight)
            yield return new(
                "midnight",
                "Many schedules start at midnight; another minute, or 'jitter' in the DAG file, spreads the load."
            );
        foreach (var item in text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
            if (item.Split('/')[0].Split('-') is [var low, var high] && low == high)
                yield return new("whole_cycle", $"'{item}' means every value, as in croniter; write {low} for one.");
    }
}
