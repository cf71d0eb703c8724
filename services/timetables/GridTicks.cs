using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace Nightshift.Timetables;

/// <summary>The multiples of a period since 1970-01-01T00:00Z, whatever wall clocks do.</summary>
public sealed class ElapsedTicks(TimeSpan period) : Ticks
{
    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset instant) => At(Floor(instant) + 1);

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset instant) => At(Floor(instant.AddTicks(-1)));

    DateTimeOffset At(long periods) => DateTimeOffset.UnixEpoch + periods * period;

    long Floor(DateTimeOffset instant)
    {
        var periods = Math.DivRem((instant - DateTimeOffset.UnixEpoch).Ticks, period.Ticks, out var rest);
        return rest < 0 ? periods - 1 : periods;
    }
}

/// <summary>
/// Midnight of every n-th day of a zone's calendar, counted from 1970-01-01 there. Where midnight is skipped the tick
/// comes at the jump; where it repeats, at the first of the two.
/// </summary>
public sealed class CalendarTicks(int days, DateTimeZone zone) : Ticks
{
    static readonly LocalDate Epoch = new(1970, 1, 1);

    static readonly ZoneLocalMappingResolver AtTheJump = Resolvers.CreateMappingResolver(
        Resolvers.ReturnEarlier,
        Resolvers.ReturnStartOfIntervalAfter
    );

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset instant)
    {
        // Not today alone: a date that a zone has left out begins when the one after it does.
        for (var day = FirstDay(instant); ; day += days)
            if (Midnight(day) is var tick && tick > instant)
                return tick;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset instant)
    {
        for (var day = FirstDay(instant) + days; ; day -= days)
            if (Midnight(day) is var tick && tick < instant)
                return tick;
    }

    int FirstDay(DateTimeOffset instant)
    {
        var today = Period.DaysBetween(Epoch, instant.ToInstant().InZone(zone).Date);
        return today - (today % days + days) % days;
    }

    DateTimeOffset Midnight(int day) =>
        zone.ResolveLocal(Epoch.PlusDays(day).AtMidnight(), AtTheJump).ToInstant().ToDateTimeOffset();
}
