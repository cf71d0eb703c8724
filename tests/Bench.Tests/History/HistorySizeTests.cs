using Nightshift.Bench.History;

namespace Nightshift.Bench.Tests.History;

public sealed class HistorySizeTests
{
    [Fact]
    public void A_million_task_instances_come_with_four_million_ticks() =>
        Assert.Equal((1_000_000, 4_000_000), (HistorySize.Month(1_000_000).Tasks, HistorySize.Month(1_000_000).Ticks));

    [Fact]
    public void On_the_first_day_there_are_enough_rows_for_a_page_of_each_list() =>
        Assert.All(
            [HistorySize.Day.Runs / HistorySize.Dags, HistorySize.Day.Deliveries, HistorySize.Day.FailedDags / 2],
            x => Assert.InRange(x, 25, int.MaxValue)
        );
}
