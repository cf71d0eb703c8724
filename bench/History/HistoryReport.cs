using System.Globalization;
using System.Text;

namespace Nightshift.Bench.History;

/// <summary>One thing on the first day and after the month.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="Before">On the first day, median of the rounds.</param>
/// <param name="After">After the month, median of the rounds.</param>
/// <param name="Ratio">How many times as much it costs after the month.</param>
sealed record HistoryRow(string What, string Unit, double Before, double After, double Ratio);

/// <summary>The table.</summary>
/// <param name="Rows">What was measured.</param>
/// <param name="Limit">The most that anything may cost with the month, as a multiple of the first day.</param>
sealed record HistoryReport(IReadOnlyList<HistoryRow> Rows, double Limit)
{
    /// <summary>The limit for a month of so many task instances: a fifth for a million, and for more a little more.</summary>
    public static double LimitOf(int tasks) => tasks <= 1_000_000 ? 1.2 : 1.3;

    /// <summary>Compares the medians of rounds that were measured alternately.</summary>
    public static HistoryReport Of(
        IReadOnlyList<IReadOnlyList<Measured>> before,
        IReadOnlyList<IReadOnlyList<Measured>> after,
        double limit
    ) =>
        new(
            [
                .. before[0]
                    .Select(x =>
                    {
                        var (first, then) = (Median(before, x.What), Median(after, x.What));
                        return new HistoryRow(x.What, x.Unit, first, then, x.IsRate ? first / then : then / first);
                    }),
            ],
            limit
        );

    /// <summary>What costs more than it may.</summary>
    public IEnumerable<HistoryRow> TooDear => Rows.Where(x => x.Ratio > Limit);

    public string ToText()
    {
        var text = new StringBuilder();
        Line("measured", "first day", "month", "ratio");
        foreach (var x in Rows)
            Line(
                x.What,
                Invariant($"{x.Before:0.##} {x.Unit}"),
                Invariant($"{x.After:0.##} {x.Unit}"),
                Invariant($"{x.Ratio:0.00}{(x.Ratio > Limit ? " !" : "  ")}")
            );
        return text.ToString();

        void Line(string what, string before, string after, string ratio) =>
            text.AppendLine(CultureInfo.InvariantCulture, $"{what, -48} {before, 14} {after, 14} {ratio, 9}");
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static double Median(IReadOnlyList<IReadOnlyList<Measured>> rounds, string what) =>
        Measurements.Percentile([.. rounds.Select(x => x.Single(y => y.What == what).Value)], 50);
}
