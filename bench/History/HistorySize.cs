namespace Nightshift.Bench.History;

/// <summary>How much history a database holds, and over which time.</summary>
/// <param name="Runs">Ended runs, of ten tasks each.</param>
/// <param name="Span">The time before now over which they are spread.</param>
sealed record HistorySize(int Runs, TimeSpan Span)
{
    /// <summary>Tasks of a run.</summary>
    public const int TasksPerRun = 10;

    /// <summary>Ticks to a run: one made the run, and the others were skipped in an outage before it.</summary>
    public const int TicksPerRun = 40;

    /// <summary>Scheduled DAGs. Each has a file and is live.</summary>
    public const int Dags = 100;

    /// <summary>A month with so many task instances.</summary>
    public static HistorySize Month(int tasks) => new(tasks / TasksPerRun, TimeSpan.FromDays(30));

    /// <summary>A first day: a thirtieth of a million task instances, enough to fill a page of each list.</summary>
    public static HistorySize Day { get; } = new(Runs: 3_400, TimeSpan.FromDays(1));

    /// <summary>Task instances.</summary>
    public int Tasks => Runs * TasksPerRun;

    /// <summary>Ticks that the schedules have passed.</summary>
    public int Ticks => Runs * TicksPerRun;

    /// <summary>Deliveries, each of which started a run: two of the twelve runs of the sample are pushes.</summary>
    public int Deliveries => Runs / 6;

    /// <summary>Backfills that have ended.</summary>
    public int Backfills => Math.Max(1, Runs / 100);

    /// <summary>DAGs with an incident and healing cases; most of them were withdrawn since.</summary>
    public int FailedDags => Math.Max(1, Runs / 50);
}
