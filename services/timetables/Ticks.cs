namespace Nightshift.Timetables;

/// <summary>A sequence of instants, without beginning or end unless it says so.</summary>
public abstract class Ticks
{
    /// <summary>The first tick after an instant; null when there is none.</summary>
    public abstract DateTimeOffset? Next(DateTimeOffset instant);

    /// <summary>The last tick before an instant; null when there is none.</summary>
    public abstract DateTimeOffset? Previous(DateTimeOffset instant);

    /// <summary>The instant when it is a tick, else the next one.</summary>
    public virtual DateTimeOffset? AlignToNext(DateTimeOffset instant) => IsTick(instant) ? instant : Next(instant);

    /// <summary>The instant when it is a tick, else the one before.</summary>
    public virtual DateTimeOffset? AlignToPrevious(DateTimeOffset instant) =>
        IsTick(instant) ? instant : Previous(instant);

    /// <summary>Where the last interval between two ticks begins that is over.</summary>
    /// <param name="earliest">Nothing before this; null for no bound.</param>
    /// <param name="now">The present.</param>
    public virtual DateTimeOffset? LatestCompleteStart(DateTimeOffset? earliest, DateTimeOffset now)
    {
        var start = AlignToPrevious(now) is { } end ? Previous(end) : null;
        var bound = earliest is { } x ? AlignToNext(x) : null;
        return start is null || bound > start ? bound ?? start : start;
    }

    bool IsTick(DateTimeOffset instant) => Previous(instant) is { } before && Next(before) == instant;
}
