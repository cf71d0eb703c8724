using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Ticks at midnight of every n-th day of a zone's calendar, counted from 1970-01-01 there. Where midnight is skipped
/// the tick comes at the jump; where it repeats, at the first of the two.
/// </summary>
sealed class CalendarTimetable(int days, DateTimeZone zone) : Timetable
{
    static readonly LocalDate Epoch = new(1970, 1, 1);

    static readonly ZoneLocalMappingResolver AtTheJump = Resolvers.CreateMappingResolver(
        Resolvers.ReturnEarlier,
        Resolvers.ReturnStartOfIntervalAfter
    );

    protected override DateTimeOffset? Next(DateTimeOffset instant)
    {
        var after = instant.ToInstant();
        var today = Period.DaysBetween(Epoch, after.InZone(zone).Date);
        // Not today alone: a date that a zone has left out begins when the one after it does.
        for (var day = today - Modulo(today, days); ; day += days)
            if (Midnight(day) is var tick && tick > after)
                return tick.ToDateTimeOffset();
    }

    Instant Midnight(int day) => zone.ResolveLocal(Epoch.PlusDays(day).AtMidnight(), AtTheJump).ToInstant();

    static int Modulo(int value, int divisor) => (value % divisor + divisor) % divisor;
}
