using System.Globalization;

namespace Nightshift.Bench;

/// <summary>One line of the table.</summary>
/// <param name="What">What was measured, and how.</param>
/// <param name="Figure">With its unit.</param>
/// <param name="Goal">What it should be; <c>printed</c> where nothing is asked.</param>
sealed record BenchRow(string What, FormattableString Figure, string Goal)
{
    /// <summary>Prints the table.</summary>
    public static void Print(IReadOnlyList<BenchRow> rows)
    {
        Console.WriteLine();
        Console.WriteLine($"{"measured", -68} {"figure", 36} {"goal", 15}");
        foreach (var row in rows)
            Console.WriteLine(
                $"{row.What, -68} {row.Figure.ToString(CultureInfo.InvariantCulture), 36} {row.Goal, 15}"
            );
    }
}

/// <summary>The rows that are seen beside the yardstick of the same minute.</summary>
static class BenchRows
{
    /// <summary>From one task's end to the next one's start.</summary>
    public static IEnumerable<BenchRow> Hops(
        IReadOnlyList<IReadOnlyList<double>> rounds,
        IReadOnlyList<double> cold,
        Yardstick yardstick
    )
    {
        var (p50, p99) = (Median(50), Median(99));
        yield return new(
            "hop: attempt finished → next accepted, 500 hops, p50, median of 5",
            $"{p50:0.0} ms ({p50 / yardstick.HopP50:0.0} × bare)",
            "≤ 2 × bare"
        );
        yield return new("the same, p99", $"{p99:0.0} ms ({p99 / p50:0.0} × its p50)", "≤ 3 × its p50");
        yield return new(
            "the first 500 hops after a start, p50 / p99",
            $"{Measurements.Percentile(cold, 50):0.0} / {Measurements.Percentile(cold, 99):0.0} ms",
            "printed"
        );

        double Median(int percent) =>
            Measurements.Percentile([.. rounds.Select(x => Measurements.Percentile(x, percent))], 50);
    }

    /// <summary>Many short runs at once.</summary>
    public static BenchRow Tasks(string what, double perSecond, Yardstick yardstick) =>
        new(what, $"{perSecond:0} tasks/s ({perSecond / yardstick.HopsPerSecond:0.0} × bare)", "≥ 300 tasks/s");
}
