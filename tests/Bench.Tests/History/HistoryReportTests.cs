using Nightshift.Bench.History;

namespace Nightshift.Bench.Tests.History;

public sealed class HistoryReportTests
{
    [Theory]
    [InlineData(10, 12, false, 1.2)]
    [InlineData(10, 5, false, 0.5)]
    [InlineData(300, 250, true, 1.2)] // fewer per second cost more
    public void The_ratio_says_how_many_times_as_much_it_costs_after_the_month(
        double before,
        double after,
        bool isRate,
        double ratio
    ) => Assert.Equal(ratio, Row(Report([before], [after], isRate)).Ratio, precision: 9);

    [Fact]
    public void A_round_that_something_else_disturbed_does_not_count() =>
        Assert.Equal((10, 11), (Row(Noisy).Before, Row(Noisy).After));

    [Theory]
    [InlineData(12.0, false)]
    [InlineData(12.1, true)]
    public void What_costs_more_than_a_fifth_more_is_too_dear(double after, bool tooDear)
    {
        var report = Report([10], [after]);
        Assert.Equal(tooDear, report.TooDear.Any());
        Assert.Equal(tooDear, report.ToText().Contains(" !", StringComparison.Ordinal));
    }

    [Fact]
    public void A_larger_history_may_cost_a_little_more() =>
        Assert.Equal((1.2, 1.3), (HistoryReport.LimitOf(1_000_000), HistoryReport.LimitOf(3_000_000)));

    static HistoryReport Noisy => Report([10, 9, 80], [11, 90, 10]);

    static HistoryRow Row(HistoryReport report) => Assert.Single(report.Rows);

    static HistoryReport Report(double[] before, double[] after, bool isRate = false)
    {
        return HistoryReport.Of(Rounds(before), Rounds(after), HistoryReport.LimitOf(1_000_000));

        IReadOnlyList<IReadOnlyList<Measured>> Rounds(double[] values) =>
            [.. values.Select(x => (IReadOnlyList<Measured>)[new Measured("runs", "ms", x, isRate)])];
    }
}
