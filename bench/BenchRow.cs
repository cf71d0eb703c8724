namespace Nightshift.Bench;

/// <summary>One line of the table.</summary>
/// <param name="What">What was measured, and how.</param>
/// <param name="Figure">With its unit.</param>
/// <param name="Goal">What it should be; <c>printed</c> where nothing is asked.</param>
sealed record BenchRow(string What, FormattableString Figure, string Goal);

/// <summary>The rows that are seen beside the yardstick of the same minute.</summary>
static class BenchRows
{
    /// <summary>From one task's end to the next one's start.</summary>
    public static IEnumerable<BenchRow> Hops(
        IReadOnlyList<double> hops,
        IReadOnlyList<double> cold,
        Yardstick yardstick
    )
    {
        var (p50, p99) = (Measurements.Percentile(hops, 50), Measurements.Percentile(hops, 99));
        yield return new(
            "hop: attempt finished → next accepted, 500 hops, p50",
            $"{p50:0.0} ms ({p50 / yardstick.HopP50:0.0} × bare)",
            "≤ 12 ms"
        );
        yield return new("the same, p99", $"{p99:0.0} ms ({p99 / yardstick.HopP99:0.0} × bare)", "≤ 60 ms");
        yield return new(
            "the first 500 hops after a start, p50 / p99",
            $"{Measurements.Percentile(cold, 50):0.0} / {Measurements.Percentile(cold, 99):0.0} ms",
            "printed"
        );
    }

    /// <summary>Many short runs at once.</summary>
    public static BenchRow Tasks(string what, double perSecond, Yardstick yardstick) =>
        new(what, $"{perSecond:0} tasks/s ({perSecond / yardstick.HopsPerSecond:0.0} × bare)", "≥ 300 tasks/s");
}
