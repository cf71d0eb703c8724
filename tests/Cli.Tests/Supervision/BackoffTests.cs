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
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Before(ends));

    [Fact]
    public void A_service_that_settled_starts_over() => Assert.Equal(1, Backoff.Count(ends: 5, wasUp: Backoff.Settled));

    [Fact]
    public void A_service_that_keeps_dying_counts_on() =>
        Assert.Equal(6, Backoff.Count(ends: 5, wasUp: TimeSpan.FromSeconds(3)));
}
