using NodaTime;
using NodaTime.Extensions;

namespace Nightshift.Timetables;

/// <summary>
/// A cron expression on the wall clock of a zone, as Airflow answers: the next tick is found on the wall clock and then
/// given its instant. A time that the clock leaves out comes as much later as it jumps, one that it shows twice comes
/// at the second. An expression that covers every hour counts elapsed time instead, so both passes of an hour tick.
/// </summary>
public sealed class CronTicks(CronExpression cron, DateTimeZone zone) : Ticks
{
    // An expression that covers every hour is never silent for longer on a day it ticks on. Over days without a tick
    // elapsed time is no guide: a clock may have changed in between, and the tick would come on the wrong day.
    static readonly TimeSpan LongestElapsed = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset instant)
    {
        var local = WallClock.At(instant, zone);
        if (cron.Next(local) is not { } next)
            return null;
        return IsElapsed(next - local) ? instant + (next - local) : WallClock.Instant(next, zone);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset instant)
    {
        var local = WallClock.At(instant, zone);
        for (var previous = cron.Previous(local); previous is { } found; previous = cron.Previous(found))
        {
            var tick = IsElapsed(local - found) ? instant - (local - found) : WallClock.Instant(found, zone);
            if (tick < instant) // around a jump, a time before on the clock may be an instant after
                return tick;
        }
        return null;
    }

    bool IsElapsed(TimeSpan span) => cron.CoversEveryHour && span <= LongestElapsed;
}

/// <summary>Wall clocks and instants.</summary>
static class WallClock
{
    public static DateTime At(DateTimeOffset instant, DateTimeZone zone) =>
        instant.ToInstant().InZone(zone).LocalDateTime.ToDateTimeUnspecified();

    /// <summary>The instant of a wall-clock time: the second of two, and as much later as the clock jumps where there
    /// is none.</summary>
    public static DateTimeOffset Instant(DateTime local, DateTimeZone zone)
    {
        var time = LocalDateTime.FromDateTime(local);
        var mapping = zone.MapLocal(time);
        var instant =
            mapping.Count == 0
                ? time.WithOffset(mapping.EarlyInterval.WallOffset).ToInstant()
                : mapping.Last().ToInstant();
        return instant.ToDateTimeOffset();
    }
}
