using Nightshift.Plumbing.Messages;

namespace Nightshift.Plumbing.Tests.Messages;

public sealed class BrokerAvailabilityTests : IDisposable
{
    readonly BrokerAvailability availability = new();

    public void Dispose() => availability.Dispose();

    [Fact]
    public void Each_return_is_told_once_to_whoever_waited()
    {
        var first = availability.NextReturn;
        availability.Answers();
        Assert.False(first.IsCancellationRequested); // it was never away

        availability.IsAway();
        var during = availability.NextReturn;
        availability.Answers();
        Assert.True(first.IsCancellationRequested);
        Assert.True(during.IsCancellationRequested);

        var next = availability.NextReturn;
        availability.Answers();
        Assert.False(next.IsCancellationRequested);
    }
}
