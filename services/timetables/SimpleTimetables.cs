namespace Nightshift.Timetables;

/// <summary>One run, at the start of the schedule or at once.</summary>
public sealed class OnceTimetable : Timetable
{
    /// <inheritdoc/>
    public override PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now)
    {
        var at = restriction.Earliest ?? now;
        return last is null ? Within(restriction, PlannedRun.Of(at, at), at) : null;
    }

    /// <inheritdoc/>
    public override PlannedRun? FirstAfter(DateTimeOffset instant) => PlannedRun.Of(instant, instant);
}

/// <summary>A run as soon as the one before has ended: each covers the time since then.</summary>
public sealed class ContinuousTimetable : Timetable
{
    /// <inheritdoc/>
    public override PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now)
    {
        var first = restriction.Earliest ?? now;
        var (start, end) =
            last is null ? (first, first > now ? first : now)
            : last.End > now ? (first, first + (last.End - last.Start)) // the start was moved into the future
            : (last.End, now);
        return Within(restriction, PlannedRun.Of(start, end), end);
    }

    /// <inheritdoc/>
    public override PlannedRun? FirstAfter(DateTimeOffset instant) => PlannedRun.Of(instant, instant);
}

/// <summary>A run at each of some instants.</summary>
/// <param name="instants">In any order; one that stands twice counts once.</param>
/// <param name="restrictToEvents">Whether a run by hand covers the latest of them instead of its own instant.</param>
public sealed class EventsTimetable(IEnumerable<DateTimeOffset> instants, bool restrictToEvents = false) : Timetable
{
    readonly IReadOnlyList<DateTimeOffset> events = [.. instants.Distinct().Order()];

    /// <inheritdoc/>
    public override PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now)
    {
        var earliest = restriction.Catchup ? restriction.Earliest : Latest(restriction.Earliest, now);
        var found = events.Where(x => !(x < earliest) && !(x <= last?.End)).Select(x => PlannedRun.Of(x, x));
        return found.FirstOrDefault() is { } run ? Within(restriction, run, run.RunAfter) : null;
    }

    /// <inheritdoc/>
    public override DataInterval OfManualRun(DateTimeOffset runAfter) =>
        DataInterval.At(
            restrictToEvents && events.Count > 0 ? events.LastOrDefault(x => x <= runAfter, events[0]) : runAfter
        );
}

/// <summary>The runs of several timetables; two due at the same instant are one.</summary>
public sealed class UnionTimetable(IReadOnlyList<Timetable> timetables) : Timetable
{
    /// <inheritdoc/>
    public override PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now)
    {
        var runs = timetables.Select(x => x.Next(last, restriction, now)).OfType<PlannedRun>().ToList();
        var due = restriction.Catchup ? null : runs.Where(x => x.Interval.Start <= now).MaxBy(x => x.Interval.Start);
        return due ?? runs.MinBy(x => x.Interval.Start);
    }

    /// <inheritdoc/>
    public override DataInterval OfManualRun(DateTimeOffset runAfter) =>
        timetables.Select(x => x.OfManualRun(runAfter)).MinBy(x => x.Start)!;
}
