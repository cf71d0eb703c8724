using Cronos;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// When a DAG runs by itself: at the ticks of a cron expression in a time zone, or every so often since the epoch.
/// </summary>
/// <param name="Cron">Five fields, or null when <paramref name="Every"/> says it.</param>
/// <param name="Every">A period; ticks are its multiples since 1970-01-01T00:00Z. Null when <paramref name="Cron"/>
/// says it.</param>
/// <param name="Timezone">IANA name; cron fields are wall-clock times there.</param>
/// <param name="Catchup">After an outage: true runs every missed tick, false only the latest.</param>
public sealed record Schedule(string? Cron, TimeSpan? Every, string Timezone, bool Catchup)
{
    /// <summary>Airflow's presets.</summary>
    public static IReadOnlyDictionary<string, string> Presets { get; } =
        new Dictionary<string, string>
        {
            ["@hourly"] = "0 * * * *",
            ["@daily"] = "0 0 * * *",
            ["@weekly"] = "0 0 * * 0",
            ["@monthly"] = "0 0 1 * *",
            ["@quarterly"] = "0 0 1 */3 *",
            ["@yearly"] = "0 0 1 1 *",
        };

    /// <summary>
    /// The first tick after an instant; null when there is none. Cronos decides what a cron expression means where wall
    /// clocks jump: a tick in the hour that is skipped comes at the jump, a daily tick in the hour that repeats comes
    /// once.
    /// </summary>
    public DateTimeOffset? TickAfter(DateTimeOffset instant)
    {
        if (Every is { } period)
        {
            var passed = instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
            return DateTimeOffset.UnixEpoch + TimeSpan.FromTicks((passed / period.Ticks + 1) * period.Ticks);
        }
        return CronExpression
            .Parse(Cron!)
            .GetNextOccurrence(instant.ToUniversalTime(), TimeZoneInfo.FindSystemTimeZoneById(Timezone))
            ?.ToUniversalTime();
    }

    /// <summary>
    /// The ticks from <paramref name="first"/> to <paramref name="until"/>, both included, at most
    /// <paramref name="limit"/> of the oldest.
    /// </summary>
    public IReadOnlyList<DateTimeOffset> Ticks(DateTimeOffset first, DateTimeOffset until, int limit)
    {
        var ticks = new List<DateTimeOffset>();
        for (DateTimeOffset? tick = first; tick <= until && ticks.Count < limit; tick = TickAfter(tick.Value))
            ticks.Add(tick.Value);
        return ticks;
    }

    /// <summary>
    /// The latest tick at or before <paramref name="until"/>, not before <paramref name="first"/>, which is itself a
    /// tick.
    /// </summary>
    public DateTimeOffset LatestTick(DateTimeOffset first, DateTimeOffset until)
    {
        // Look back over growing windows: cheap after a short outage, bounded after a long one.
        for (var window = TimeSpan.FromHours(1); until - window > first; window *= 8)
            if (Latest(TickAfter(until - window), until) is { } tick)
                return tick;
        return Latest(first, until) ?? first;
    }

    DateTimeOffset? Latest(DateTimeOffset? from, DateTimeOffset until)
    {
        DateTimeOffset? latest = null;
        for (var tick = from; tick <= until; tick = TickAfter(tick.Value))
            latest = tick;
        return latest;
    }
}
