namespace Nightshift.Timetables;

/// <summary>Says when runs of a DAG are due and what they cover. Pure: the present is an argument.</summary>
public abstract class Timetable
{
    /// <summary>The run after the last one; null when there is none to come.</summary>
    /// <param name="last">What the last run covered; null before the first.</param>
    /// <param name="restriction">Which runs are wanted.</param>
    /// <param name="now">The present (UTC).</param>
    public abstract PlannedRun? Next(DataInterval? last, TimeRestriction restriction, DateTimeOffset now);

    /// <summary>What a run covers that is started by hand.</summary>
    public virtual DataInterval OfManualRun(DateTimeOffset runAfter) => DataInterval.At(runAfter);

    /// <summary>
    /// The first run that is due after an instant, as if the one before had just been made: where a schedule begins
    /// that has neither a start nor a wish to run at once. Null when there is none.
    /// </summary>
    public virtual PlannedRun? FirstAfter(DateTimeOffset instant) =>
        Next(DataInterval.At(instant), new(null, null, Catchup: true), instant);

    /// <summary>Drops a run that lies behind the end of the schedule.</summary>
    protected static PlannedRun? Within(TimeRestriction restriction, PlannedRun? run, DateTimeOffset? bound) =>
        bound > restriction.Latest ? null : run;

    /// <summary>The later of some instants, of which those that are null do not count.</summary>
    protected static DateTimeOffset? Latest(params ReadOnlySpan<DateTimeOffset?> instants)
    {
        DateTimeOffset? latest = null;
        foreach (var instant in instants)
            latest = latest is null || instant > latest ? instant ?? latest : latest;
        return latest;
    }
}
