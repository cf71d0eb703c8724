using JasperFx.Events.Daemon;
using Marten;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>committed ── fast path ── relay: what cannot go out must not hold up what can.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test tells
public sealed class RelayTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Untellable.Mapping)]
    [InlineData(Untellable.Queue)]
    public async Task An_event_that_can_never_be_told_is_set_aside_and_the_others_go_out(int untellable)
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("untellable", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        const string tally = "t";

        await host.Tallies.Transact(tally, _ => [new Counted(untellable, T0), new Counted(1, T0)], Cancelled);
        await host.Tallies.Transact(tally, _ => [new Counted(2, T0)], Cancelled);

        await host.Heard(tally, 2, Cancelled);
        await Eventually.Is(
            async token => await host.Get<RelayGap>().OldestUntold(token) == TimeSpan.Zero,
            "the relay to pass all three",
            Cancelled
        );
        await using var session = host.Get<IDocumentStore>().QuerySession();
        var first = (await session.Events.FetchStreamAsync($"tally-{tally}", token: Cancelled))[0];
        Assert.Equal(
            first.Sequence,
            Assert.Single(await session.Query<DeadLetterEvent>().ToListAsync(Cancelled)).EventSequence
        );
    }
}
