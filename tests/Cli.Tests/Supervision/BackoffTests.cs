using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Tests.Supervision;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(6, 4)]
    [InlineData(9, 32)]
    [InlineData(10, 60)]
    [InlineData(int.MaxValue, 60)]
    public void The_delay_doubles_from_nothing_to_a_minute(int ends, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Before(ends, wasReady: true));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void A_part_that_was_never_ready_is_given_time_from_the_second_end_on(int ends, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Before(ends, wasReady: false));

    [Theory]
    [InlineData(4, false, 6)]
    [InlineData(5, false, 1)]
    [InlineData(20, true, 6)] // as long as it takes to notice that a service hangs
    [InlineData(90, true, 6)] // database, broker and engine
    [InlineData(180, true, 1)]
    public void A_part_that_settled_starts_over_and_one_that_keeps_ending_counts_on(
        int seconds,
        bool hung,
        int count
    ) => Assert.Equal(count, Backoff.Count(ends: 5, TimeSpan.FromSeconds(seconds), hung));
}
