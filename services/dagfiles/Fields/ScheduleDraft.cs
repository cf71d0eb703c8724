using Nightshift.Timetables;

namespace Nightshift.DagFiles.Fields;

/// <summary>A schedule as its fields say it, before <see cref="ScheduleRules"/> makes one of it.</summary>
sealed record ScheduleDraft
{
    /// <summary>Cron expressions; empty for none.</summary>
    public IReadOnlyList<string> Crons { get; init; } = [];

    /// <summary>A period; null for none.</summary>
    public Period? Every { get; init; }

    /// <summary>Points in time; empty for none.</summary>
    public IReadOnlyList<PointInTime> At { get; init; } = [];

    /// <summary>The schedule's own zone; null for the DAG's.</summary>
    public string? Timezone { get; init; }

    /// <summary>The schedule's own catchup; null for the DAG's.</summary>
    public bool? Catchup { get; init; }

    /// <inheritdoc cref="Schedule.Start"/>
    public PointInTime? Start { get; init; }

    /// <inheritdoc cref="Schedule.End"/>
    public PointInTime? End { get; init; }

    /// <summary>What a run covers.</summary>
    public Interval Interval { get; init; } = new(BetweenTicks: false, Before: null);

    /// <inheritdoc cref="Schedule.RunImmediately"/>
    public RunImmediately? RunImmediately { get; init; }

    /// <inheritdoc cref="Schedule.Jitter"/>
    public TimeSpan? Jitter { get; init; }

    /// <inheritdoc cref="Schedule.OnGap"/>
    public GapPolicy? OnGap { get; init; }

    /// <inheritdoc cref="Schedule.OnFold"/>
    public FoldPolicy? OnFold { get; init; }
}

/// <summary>A period as a file has it.</summary>
/// <param name="Months">Months of the calendar; 0 for none.</param>
/// <param name="Elapsed">Weeks, days or less; null for none.</param>
sealed record Period(int Months, TimeSpan? Elapsed);

/// <summary>What a run covers.</summary>
/// <param name="BetweenTicks">The time between two ticks.</param>
/// <param name="Before">A time before its tick; null for none.</param>
sealed record Interval(bool BetweenTicks, TimeSpan? Before);
