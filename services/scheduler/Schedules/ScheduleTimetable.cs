using Nightshift.Plumbing.Streams;
using Nightshift.Timetables;
using NodaTime;

namespace Nightshift.Scheduler.Schedules;

/// <summary>Builds the timetable of a <see cref="Schedule"/>.</summary>
static class ScheduleTimetable
{
    public static Timetable Of(Schedule schedule)
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
