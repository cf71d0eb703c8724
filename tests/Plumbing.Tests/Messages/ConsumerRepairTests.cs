using Nightshift.Plumbing.Messages;

namespace Nightshift.Plumbing.Tests.Messages;

/// <summary>
/// <code>
/// outage ────── reconnect ─5 s─ reconnect … ─30 s─ end the process
/// lost  ─0.5 s─ reconnect ─5 s─ reconnect … ─30 s─ end the process
/// start ─5 s─ reconnect ─5 s─ reconnect … ─30 s─ end the process
/// </code>
/// </summary>
public sealed class ConsumerRepairTests
{
    readonly ConsumerRepair repair = new();

    RepairAction At(double seconds, bool consumed = false) =>
        repair.Decide("q", consumed, TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_consumer_that_was_lost_is_connected_again_until_the_process_has_to_end()
    {
        At(0, consumed: true);
        Assert.Equal(
            [
                RepairAction.None,
                RepairAction.None,
                RepairAction.Reconnect,
                RepairAction.None,
                RepairAction.Reconnect,
                RepairAction.EndProcess,
            ],
            ((double[])[1, 1.4, 1.5, 6.4, 6.5, 31]).Select(x => At(x))
        );
    }

    [Fact]
    public void A_queue_that_is_connected_for_the_first_time_gets_longer() =>
        Assert.Equal(
            [RepairAction.None, RepairAction.None, RepairAction.Reconnect, RepairAction.EndProcess],
            ((double[])[0, 4.9, 5, 30]).Select(x => At(x))
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
        At(4.9);
        repair.BrokerIsAway();
        Assert.Equal([RepairAction.None, RepairAction.Reconnect], ((double[])[60, 65]).Select(x => At(x)));
    }

    [Fact]
    public void A_consumer_that_an_outage_of_the_broker_interrupted_is_connected_again_at_once()
    {
        At(0, consumed: true);
        repair.BrokerIsAway();
        Assert.Equal(RepairAction.Reconnect, At(60));
        Assert.Equal([RepairAction.None, RepairAction.Reconnect], ((double[])[64.9, 65]).Select(x => At(x)));
    }
}
