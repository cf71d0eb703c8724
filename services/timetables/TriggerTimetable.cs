namespace Nightshift.Timetables;

/// <summary>
/// Whether the latest tick before a schedule begins is run, when the schedule has no start and no run yet.
/// </summary>
/// <param name="Always">However long ago it was.</param>
/// <param name="Within">When it was not longer ago than this; null: than a tenth of the time between two ticks, or five
/// minutes when that is more.</param>
public sealed record RunImmediately(bool Always, TimeSpan? Within)
{
    /// <summary>The shortest time that still counts as just missed, as in Airflow.</summary>
    static readonly TimeSpan LeastWithin = TimeSpan.FromMinutes(5);

    /// <summary>When the first run is due.</summary>
    public DateTimeOffset? FirstRun(Ticks ticks, DateTimeOffset now)
    {
        var (past, next) = (ticks.AlignToPrevious(now), ticks.AlignToNext(now));
        if (past is not { } before || next is not { } after)
            return past ?? next;
        var gap = (after - before) / 10;
        var within = Within ?? (gap > LeastWithin ? gap : LeastWithin);
        return Always || now - before <= within ? past : next;
    }
}

/// <summary>A run at each tick, which is the end of what it covers; by default it covers no time.</summary>
/// <param name="ticks">When.</param>
/// <param name="interval">How much time before its tick a run covers.</param>
/// <param name="immediately">What is done with the tick before the first.</param>
public sealed class TriggerTimetable(Ticks ticks, Delta interval, RunImmediately immediately) : Timetable
{
    /// <inheritdoc/>
    public override PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now) =>
        Tick(last, restriction, now) is { } tick
            ? Within(restriction, PlannedRun.Of(interval.Before(tick), tick), tick)
            : null;

    /// <inheritdoc/>
    public override DataInterval OfManualRun(DateTimeOffset runAfter) => new(interval.Before(runAfter), runAfter);

    DateTimeOffset? Tick(DataInterval? last, TimeRestriction restriction, DateTimeOffset now)
    {
        var earliest = restriction.Earliest is { } x ? ticks.AlignToNext(x) : null;
        var next = last is not null ? ticks.Next(last.End) : earliest ?? immediately.FirstRun(ticks, now);
        if (restriction.Catchup || next is null)
            return next;
        return Latest(ticks.AlignToPrevious(now), next, earliest);
    }
}
