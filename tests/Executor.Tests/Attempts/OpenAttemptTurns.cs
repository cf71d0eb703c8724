using Nightshift.Executor.Attempts;

namespace Nightshift.Executor.Tests.Attempts;

/// <summary>The order in which ready attempts are granted.</summary>
public sealed class OpenAttemptTurns
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    // priority and minutes of waiting of one │ of another │ whether the first goes first
    [Theory]
    [InlineData(5, 0, 1, 0, true)]
    [InlineData(1, 3, 5, 0, false)]
    [InlineData(1, 5, 5, 0, true)] // it has aged
    [InlineData(0, 24 * 60 + 1, int.MaxValue, 0, true)] // no priority outweighs a day
    [InlineData(int.MinValue, 48 * 60 + 1, int.MaxValue, 0, true)]
    public void A_minute_of_waiting_counts_as_much_as_a_point(
        int priority,
        int waited,
        int otherPriority,
        int otherWaited,
        bool first
    ) =>
        Assert.Equal(
            first,
            OpenAttempts.TurnOf(priority, T0.AddMinutes(-waited))
                < OpenAttempts.TurnOf(otherPriority, T0.AddMinutes(-otherWaited))
        );
}
