using Nightshift.Plumbing.Streams;
using Nightshift.Timetables;
using NodaTime;

namespace Nightshift.Scheduler.Schedules;

/// <summary>Builds the timetable of a <see cref="Schedule"/>.</summary>
public static class ScheduleTimetable
{
    /// <summary>Its timetable.</summary>
    /// <exception cref="RejectedException"><c>schedule_invalid</c>: a cron expression or the time zone means nothing to
    /// this version. A file is checked before; what an older version stored may be so.</exception>
    public static Timetable Timetable(this Schedule schedule)
    {
        if (schedule.IsOnce)
            return new OnceTimetable();
        if (schedule.IsContinuous)
            return new ContinuousTimetable();
        if (schedule.At is { } instants)
            return new EventsTimetable(instants);
        return schedule.Crons is { } crons
            ? new UnionTimetable([.. crons.Select(x => Timetable(schedule, Cron(schedule, x)))])
            : Timetable(schedule, Ticks(schedule));
    }

    /// <summary>The run with which the schedule begins when it is published at an instant; null when there is none.
    /// </summary>
    /// <exception cref="RejectedException">See <see cref="Timetable(Schedule)"/>.</exception>
    public static PlannedRun? First(this Schedule schedule, DateTimeOffset at)
    {
        var waits = schedule is { Start: null, RunImmediately: null } && !(schedule.Catchup && schedule.At is not null);
        var timetable = schedule.Timetable();
        var first = waits ? timetable.FirstAfter(at) : timetable.Next(last: null, schedule.Restriction, at);
        return first?.RunAfter > schedule.End ? null : first;
    }

    static Timetable Timetable(Schedule schedule, Ticks ticks) =>
        schedule.Interval
            ? new IntervalTimetable(ticks)
            : new TriggerTimetable(
                ticks,
                new Delta(0, schedule.Covers ?? TimeSpan.Zero),
                schedule.RunImmediately ?? new(Always: false, Within: null)
            );

    static Ticks Ticks(Schedule schedule) =>
        schedule switch
        {
            { Cron: { } cron } => Cron(schedule, cron),
            { Start: not null } => new DeltaTicks(new(schedule.EveryMonths, schedule.Every ?? TimeSpan.Zero)),
            { InDays: { } days } => new CalendarTicks(days, Zone(schedule)),
            _ => new ElapsedTicks(schedule.Every!.Value),
        };

    static Ticks Cron(Schedule schedule, string text)
    {
        try
        {
            var (cron, zone) = (CronExpression.Parse(text), Zone(schedule));
            return schedule is { OnGap: null, OnFold: null }
                ? new CronTicks(cron, zone)
                : new PolicyCronTicks(
                    cron,
                    zone,
                    schedule.OnGap ?? GapPolicy.Shift,
                    schedule.OnFold ?? FoldPolicy.Last
                );
        }
        catch (CronFormatException e)
        {
            throw Invalid($"'{text}' is no schedule ({e.Message}); write five cron fields");
        }
    }

    static DateTimeZone Zone(Schedule schedule) =>
        TimeZones.Find(schedule.Timezone)
        ?? throw Invalid($"'{schedule.Timezone}' is no time zone of the tz database; write another 'timezone'");

    static RejectedException Invalid(string text) => new("schedule_invalid", text);
}
