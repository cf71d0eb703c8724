using NodaTime.Extensions;

namespace Nightshift.Timetables;

/// <summary>A step in time: months of the calendar, and elapsed time after them. Positive in sum.</summary>
/// <param name="Months">A day that a month does not have is its last.</param>
/// <param name="Elapsed">Whatever clocks do.</param>
public sealed record Delta(int Months, TimeSpan Elapsed)
{
    /// <summary>No step at all.</summary>
    public static Delta Zero { get; } = new(0, TimeSpan.Zero);

    /// <summary>It goes forward.</summary>
    public bool IsPositive => After(DateTimeOffset.UnixEpoch) > DateTimeOffset.UnixEpoch;

    /// <summary>One step later.</summary>
    public DateTimeOffset After(DateTimeOffset instant) => Plus(instant, Months) + Elapsed;

    /// <summary>One step earlier.</summary>
    public DateTimeOffset Before(DateTimeOffset instant) => Plus(instant, -Months) - Elapsed;

    static DateTimeOffset Plus(DateTimeOffset instant, int months) =>
        months == 0
            ? instant.ToUniversalTime()
            : instant.ToInstant().InUtc().LocalDateTime.PlusMonths(months).InUtc().ToDateTimeOffset();
}

/// <summary>
/// Steps from one run to the next, as Airflow takes them: any instant may be a tick, and the next is a step later.
/// </summary>
public sealed class DeltaTicks(Delta delta) : Ticks
{
    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset instant) => delta.After(instant);

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset instant) => delta.Before(instant);

    /// <inheritdoc/>
    public override DateTimeOffset? AlignToNext(DateTimeOffset instant) => instant;

    /// <inheritdoc/>
    public override DateTimeOffset? AlignToPrevious(DateTimeOffset instant) => instant;

    /// <inheritdoc/>
    public override DateTimeOffset? LatestCompleteStart(DateTimeOffset? earliest, DateTimeOffset now) =>
        delta.Months == 0 ? Latest(earliest, delta.Before(Rounded(now)))
        : earliest is { } first ? Stepped(first, now)
        : delta.Before(now);

    // Step by step: a month's end that was cut short stays so, from 31 January to 28 February to 28 March.
    DateTimeOffset Stepped(DateTimeOffset first, DateTimeOffset now)
    {
        var start = first;
        for (var end = delta.After(first); delta.After(end) <= now; end = delta.After(end))
            start = end;
        return start;
    }

    DateTimeOffset Rounded(DateTimeOffset now) =>
        now - TimeSpan.FromTicks((now - DateTimeOffset.UnixEpoch).Ticks % delta.Elapsed.Ticks);

    static DateTimeOffset Latest(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b;
}
