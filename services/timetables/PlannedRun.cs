namespace Nightshift.Timetables;

/// <summary>A half-open span [Start, End) in UTC; one instant when both are the same.</summary>
public sealed record DataInterval(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>An instant.</summary>
    public static DataInterval At(DateTimeOffset instant) => new(instant, instant);
}

/// <summary>A run that a timetable asks for.</summary>
/// <param name="Interval">What it covers; its start is the run's logical date.</param>
/// <param name="RunAfter">When it is due (UTC).</param>
public sealed record PlannedRun(DataInterval Interval, DateTimeOffset RunAfter)
{
    /// <summary>A run due at the end of what it covers.</summary>
    public static PlannedRun Of(DateTimeOffset start, DateTimeOffset end) => new(new(start, end), end);
}

/// <summary>Which runs of a timetable are wanted.</summary>
/// <param name="Earliest">Nothing before this; null for no bound.</param>
/// <param name="Latest">Nothing after this; null for no bound.</param>
/// <param name="Catchup">Each run that was missed; otherwise only the latest.</param>
public sealed record TimeRestriction(DateTimeOffset? Earliest, DateTimeOffset? Latest, bool Catchup);
