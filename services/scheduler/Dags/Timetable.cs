using Cronos;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>The ticks of a <see cref="Schedule"/>, parsed once and asked often.</summary>
public abstract class Timetable
{
    /// <summary>Reads a schedule.</summary>
    /// <exception cref="RejectedException"><c>schedule_invalid</c>: its cron expression or its time zone means nothing
    /// to this version. A file is checked before; what an older version stored may be so.</exception>
    public static Timetable Of(Schedule schedule)
    {
        var zone =
            TimeZones.Find(schedule.Timezone)
            ?? throw Invalid($"'{schedule.Timezone}' is no time zone of the tz database; write another 'timezone'");
        if (schedule.Every is { } period)
            return schedule.InDays is { } days ? new CalendarTimetable(days, zone) : new ElapsedTimetable(period);
        try
        {
            return new CronTimetable(schedule.Cron!, zone);
        }
        catch (Exception e) when (e is CronFormatException or MissingSeedException)
        {
            throw Invalid($"'{schedule.Cron}' is no schedule ({e.Message}); write five cron fields");
        }
    }

    /// <summary>The first tick after an instant; null when there is none.</summary>
    /// <exception cref="RejectedException"><c>schedule_stuck</c>: the tick found is not later than the instant. Going
    /// on from it would repeat it for ever.</exception>
    public DateTimeOffset? TickAfter(DateTimeOffset instant)
    {
        var next = Next(instant);
        return next > instant || next is null
            ? next
            : throw new RejectedException(
                "schedule_stuck",
                $"The tick after {instant:u} came out as {next:u}, which is not later, so the schedule stands still;"
                    + " write it another way and report this fault"
            );
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

    /// <summary>The first tick after an instant, unchecked.</summary>
    protected abstract DateTimeOffset? Next(DateTimeOffset instant);

    DateTimeOffset? Latest(DateTimeOffset? from, DateTimeOffset until)
    {
        DateTimeOffset? latest = null;
        for (var tick = from; tick <= until; tick = TickAfter(tick.Value))
            latest = tick;
        return latest;
    }

    static RejectedException Invalid(string text) => new("schedule_invalid", text);
}
