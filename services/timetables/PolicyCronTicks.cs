using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace Nightshift.Timetables;

/// <summary>What becomes of a tick whose wall-clock time a clock leaves out.</summary>
public enum GapPolicy
{
    /// <summary>It comes as much later as the clock jumps.</summary>
    Shift,

    /// <summary>It does not come.</summary>
    Skip,
}

/// <summary>When a tick comes whose wall-clock time a clock shows twice.</summary>
public enum FoldPolicy
{
    /// <summary>At the first.</summary>
    First,

    /// <summary>At the second.</summary>
    Last,

    /// <summary>At both.</summary>
    Both,
}

/// <summary>
/// A cron expression on the wall clock of a zone, with a say in what a change of the clock does. Periods of constant
/// offset are walked in order, so no tick comes twice or before the one it follows.
/// </summary>
public sealed class PolicyCronTicks(CronExpression cron, DateTimeZone zone, GapPolicy gap, FoldPolicy fold) : Ticks
{
    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset instant)
    {
        var after = instant.ToInstant();
        for (var period = zone.GetZoneInterval(after); ; period = zone.GetZoneInterval(period.End))
        {
            var from = period.HasStart && period.Start > after ? period.Start - Duration.Epsilon : after;
            if (Earlier(Shifted(period, from), Plain(period, from)) is { } tick)
                return tick.ToDateTimeOffset();
            if (!period.HasEnd || cron.Next(Local(period, from)) is null)
                return null;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset instant)
    {
        // Look back over growing spans: cheap where ticks are frequent, bounded where they are rare.
        for (var span = TimeSpan.FromHours(2); span < TimeSpan.FromDays(366 * 51); span *= 8)
        {
            if (instant.Ticks <= span.Ticks)
                return null;
            DateTimeOffset? last = null;
            for (var tick = Next(instant - span); tick < instant; tick = Next(tick.Value))
                last = tick;
            if (last is not null)
                return last;
        }
        return null;
    }

    // Times the clock left out when this period began.
    Instant? Shifted(ZoneInterval period, Instant after)
    {
        if (gap is GapPolicy.Skip || !period.HasStart || Before(period) is not { } before)
            return null;
        var (begin, end) = (before.IsoLocalEnd, period.IsoLocalStart);
        if (begin >= end)
            return null;
        var from = after >= period.Start ? after.WithOffset(before.WallOffset).LocalDateTime : begin;
        var found = after >= period.Start ? cron.Next(from.ToDateTimeUnspecified()) : FirstFrom(begin);
        return found is { } x && LocalDateTime.FromDateTime(x) < end
            ? LocalDateTime.FromDateTime(x).WithOffset(before.WallOffset).ToInstant()
            : null;
    }

    Instant? Plain(ZoneInterval period, Instant after)
    {
        var from = Local(period, after);
        for (var found = cron.Next(from); found is { } x; found = cron.Next(x))
        {
            var local = LocalDateTime.FromDateTime(x);
            if (period.HasEnd && local >= period.IsoLocalEnd)
                return null;
            if (fold is FoldPolicy.Both || IsWanted(local, period))
                return local.WithOffset(period.WallOffset).ToInstant();
        }
        return null;
    }

    bool IsWanted(LocalDateTime local, ZoneInterval period)
    {
        var mapping = zone.MapLocal(local);
        return mapping.Count < 2 || (fold is FoldPolicy.First ? mapping.EarlyInterval : mapping.LateInterval) == period;
    }

    DateTime? FirstFrom(LocalDateTime local) => cron.Next(local.ToDateTimeUnspecified().AddTicks(-1));

    static DateTime Local(ZoneInterval period, Instant after) =>
        after.WithOffset(period.WallOffset).LocalDateTime.ToDateTimeUnspecified();

    ZoneInterval? Before(ZoneInterval period) => zone.GetZoneInterval(period.Start - Duration.Epsilon);

    static Instant? Earlier(Instant? a, Instant? b) => a is null || b < a ? b ?? a : a;
}
