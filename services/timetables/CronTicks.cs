using NodaTime;
using NodaTime.Extensions;

namespace Nightshift.Timetables;

/// <summary>
/// A cron expression on the wall clock of a zone, as Airflow answers: the next tick is found on the wall clock and then
/// given its instant. The first time that a jump of the clock leaves out comes as much later as the clock jumps, those
/// after it are lost; a time that the clock shows twice comes at the second. An expression that covers every hour
/// counts elapsed time instead, so both passes of an hour tick.
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
        if (cron.CoversEveryHour)
            return cron.Next(local) is not { } next ? null
                : next - local <= LongestElapsed ? instant + (next - local)
                : WallClock.Instant(next, zone);
        return Shifted(instant)
            ?? (cron.Next(AtFirstPass(instant, local)) is { } found ? WallClock.Instant(found, zone) : null);
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset instant)
    {
        var local = WallClock.At(instant, zone);
        for (var previous = cron.Previous(local); previous is { } found; previous = cron.Previous(found))
        {
            if (cron.CoversEveryHour && local - found <= LongestElapsed)
                return instant - (local - found);
            // Around a jump, a time before on the clock may be an instant after.
            var tick = WallClock.Instant(found, zone);
            if (tick < instant && (cron.CoversEveryHour || Next(tick.AddTicks(-1)) == tick))
                return tick;
        }
        return null;
    }

    // Just after a jump, the time it left out may still be to come.
    DateTimeOffset? Shifted(DateTimeOffset instant)
    {
        var period = zone.GetZoneInterval(instant.ToInstant());
        if (
            !period.HasStart
            || zone.GetZoneInterval(period.Start - Duration.Epsilon) is var before
                && before.IsoLocalEnd >= period.IsoLocalStart
        )
            return null;
        var first = cron.Next(before.IsoLocalEnd.ToDateTimeUnspecified().AddTicks(-1));
        return
            first < period.IsoLocalStart.ToDateTimeUnspecified()
            && WallClock.Instant(first.Value, zone) is var tick
            && tick > instant
            ? tick
            : null;
    }

    // In the first pass of what the clock shows twice, all of the second is to come.
    DateTime AtFirstPass(DateTimeOffset instant, DateTime local)
    {
        var mapping = zone.MapLocal(LocalDateTime.FromDateTime(local));
        return mapping.Count == 2 && instant.ToInstant() < mapping.LateInterval.Start
            ? mapping.LateInterval.IsoLocalStart.ToDateTimeUnspecified().AddTicks(-1)
            : local;
    }
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
