using Marten;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>committed ── fast path ── relay: what cannot go out must not hold up what can.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class RelayTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Unpublishable.Mapping)]
    [InlineData(Unpublishable.Queue)]
    public async Task An_event_that_can_never_be_published_is_recorded_and_the_others_go_out(int number)
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("unpublishable", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        const string tally = "t";

        await host.Tallies.Transact(tally, _ => [new Counted(number, T0), new Counted(1, T0)], Cancelled);
        await host.Tallies.Transact(tally, _ => [new Counted(2, T0)], Cancelled);

        await host.Heard(tally, 2, Cancelled);
        await Eventually.Is(
            async token => await host.Get<RelayGap>().OldestUnpublished(token) == TimeSpan.Zero,
            "the relay to pass all three",
            Cancelled
        );
        await using var session = host.Get<IDocumentStore>().QuerySession();
        var first = (await session.Events.FetchStreamAsync($"tally-{tally}", token: Cancelled))[0];
        Assert.Equal(first.Sequence, Assert.Single(await host.Get<UnpublishableEvents>().List(10, Cancelled)).Sequence);
    }
}
