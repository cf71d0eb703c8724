namespace Nightshift.Timetables;

/// <summary>A run for each interval between two ticks, due when the interval is over.</summary>
public sealed class IntervalTimetable(Ticks ticks) : Timetable
{
    /// <inheritdoc/>
    public override PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now)
    {
        var earliest =
            !restriction.Catchup ? ticks.LatestCompleteStart(restriction.Earliest, now)
            : restriction.Earliest is { } x ? ticks.AlignToNext(x)
            : null;
        // The last end is aligned because the schedule may be a new one.
        return
            Latest(last is null ? null : ticks.AlignToPrevious(last.End), earliest) is { } start
            && ticks.Next(start) is { } end
            ? Within(restriction, PlannedRun.Of(start, end), start)
            : null;
    }

    /// <inheritdoc/>
    public override DataInterval OfManualRun(DateTimeOffset runAfter) =>
        ticks.AlignToPrevious(runAfter) is { } end && ticks.Previous(end) is { } start
            ? new(start, end)
            : DataInterval.At(runAfter);
}
