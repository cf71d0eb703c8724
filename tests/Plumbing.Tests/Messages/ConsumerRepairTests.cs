using Nightshift.Plumbing.Messages;

namespace Nightshift.Plumbing.Tests.Messages;

/// <summary>
/// <code>
/// missing ─0.5 s─ reconnect ─5 s─ reconnect … ─30 s─ end the process
/// </code>
/// </summary>
public sealed class ConsumerRepairTests
{
    readonly ConsumerRepair repair = new();

    RepairAction At(double seconds, bool consumed = false) =>
        repair.Decide("q", consumed, DateTimeOffset.UnixEpoch.AddSeconds(seconds));

    [Fact]
    public void A_queue_without_a_consumer_is_connected_again_until_the_process_has_to_end() =>
        Assert.Equal(
            [
                RepairAction.None,
                RepairAction.None,
                RepairAction.Reconnect,
                RepairAction.None,
                RepairAction.Reconnect,
                RepairAction.EndProcess,
            ],
            ((double[])[0, 0.4, 0.5, 5.4, 5.5, 30]).Select(x => At(x))
        );

    [Fact]
    public void A_consumer_that_is_back_ends_it()
    {
        At(0);
        At(2);
        Assert.Equal(RepairAction.None, At(20, consumed: true));
        Assert.Equal(RepairAction.None, At(31));
    }

    [Fact]
    public void No_time_counts_while_the_broker_is_away()
    {
        At(0);
        repair.BrokerIsAway();
        Assert.Equal(RepairAction.None, At(60));
        Assert.Equal(RepairAction.Reconnect, At(62));
    }
}
