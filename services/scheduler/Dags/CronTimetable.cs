using Cronos;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Ticks of a cron expression on the wall clock of a zone. Cronos finds wall-clock times, knowing no zone; NodaTime
/// says when a wall clock shows them. Instants are walked in order, from one period of constant offset to the next, so
/// no tick can come twice or before the one it follows.
/// <list type="bullet">
/// <item>An expression with <c>*</c>, <c>/</c> or <c>-</c> in its minutes or hours means "every so often": it ticks
/// through both passes of an hour that repeats. Others mean a time of day: they tick in the first pass only.</item>
/// <item>What falls into a skipped hour comes at the jump. An expression of the first kind that ticks anyway as much
/// later as the clock jumps has lost nothing, and has no such tick.</item>
/// </list>
/// </summary>
sealed class CronTimetable : Timetable
{
    readonly CronExpression cron;
    readonly DateTimeZone zone;
    readonly bool everySoOften;

    /// <exception cref="CronFormatException">The expression has a mistake.</exception>
    public CronTimetable(string expression, DateTimeZone zone)
    {
        var plain = Schedule.Presets.GetValueOrDefault(expression, expression);
        (cron, this.zone) = (CronExpression.Parse(plain), zone);
        var fields = plain.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        everySoOften =
            plain.StartsWith("@every", StringComparison.Ordinal)
            || fields.Take(2).Any(x => x.AsSpan().ContainsAny('*', '/', '-'));
    }

    protected override DateTimeOffset? Next(DateTimeOffset instant)
    {
        var after = instant.ToInstant();
        for (var period = zone.GetZoneInterval(after); ; period = zone.GetZoneInterval(period.End))
        {
            if (period.HasStart && period.Start > after && JumpHasTick(period))
                return period.Start.ToDateTimeOffset();
            // none on any later date either: the calendar repeats, only hours do not
            if (FirstIn(period, after) is not { } found)
                return null;
            if (!period.HasEnd || found < period.IsoLocalEnd)
                return found.WithOffset(period.WallOffset).ToInstant().ToDateTimeOffset();
        }
    }

    // The first wall-clock time to tick from the beginning of the period, or from after the instant inside it. May lie
    // behind the period's end.
    LocalDateTime? FirstIn(ZoneInterval period, Instant after)
    {
        var (from, inclusive) =
            period.HasStart && period.Start > after
                ? (period.IsoLocalStart, true)
                : (after.WithOffset(period.WallOffset).LocalDateTime, false);
        return !everySoOften && period.HasStart && Before(period).IsoLocalEnd is var seen && seen > from
            ? Occurrence(seen, inclusive: true)
            : Occurrence(from, inclusive);
    }

    bool JumpHasTick(ZoneInterval period)
    {
        var (begin, end) = (Before(period).IsoLocalEnd, period.IsoLocalStart);
        if (begin >= end)
            return false;
        var jump = Period.Between(begin, end, PeriodUnits.Ticks);
        for (var skipped = Occurrence(begin, inclusive: true); skipped < end; )
        {
            if (!everySoOften || Occurrence(skipped.Value + jump, inclusive: true) != skipped.Value + jump)
                return true;
            skipped = Occurrence(skipped.Value, inclusive: false);
        }
        return false;
    }

    ZoneInterval Before(ZoneInterval period) => zone.GetZoneInterval(period.Start - Duration.Epsilon);

    LocalDateTime? Occurrence(LocalDateTime from, bool inclusive) =>
        cron.GetNextOccurrence(DateTime.SpecifyKind(from.ToDateTimeUnspecified(), DateTimeKind.Utc), inclusive)
            is { } found
            ? LocalDateTime.FromDateTime(found)
            : null;
}
