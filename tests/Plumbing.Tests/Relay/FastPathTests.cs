using JasperFx.Events;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>The fast path of an instance whose loop runs elsewhere: nobody but itself enables it again.</summary>
public sealed class FastPathTests
{
    readonly FakeTimeProvider clock = new();
    readonly AfterCommitRelay relay;
    bool brokerIsAway;

    public FastPathTests()
    {
        relay = new AfterCommitRelay(
            new Lazy<IEventPublisher>(new Broker(() => brokerIsAway)),
            new OutgoingMap().On<Counted>(_ => []),
            new RelayWakeup(),
            new ConfirmationNotices("probe", database: null!, NullLogger<ConfirmationNotices>.Instance, clock),
            NullLogger<AfterCommitRelay>.Instance,
            clock
        )
        {
            LoopIsHere = true,
        };
    }

    [Fact]
    public async Task It_stays_disabled_while_the_broker_is_away_and_enables_itself_afterwards()
    {
        Assert.True(await Published());
        brokerIsAway = true;
        Assert.False(await Published());
        brokerIsAway = false;
        Assert.False(await Published()); // disabled: left to the loop

        clock.Advance(AfterCommitRelay.TryAgainAfter);
        Assert.True(await Published());
        Assert.True(await Published());
    }

    [Fact]
    public async Task One_event_tries_for_all_while_it_is_disabled()
    {
        brokerIsAway = true;
        Assert.False(await Published());
        clock.Advance(AfterCommitRelay.TryAgainAfter);
        Assert.False(await Published());
        brokerIsAway = false;
        Assert.False(await Published());
    }

    async Task<bool> Published()
    {
        var e = new Event<Counted>(new Counted(1, default)) { Id = Guid.NewGuid(), EventTypeName = "counted" };
        relay.Committed([e]);
        return relay.TakeAttempt(e.Id) is { } attempt && await attempt;
    }

    sealed class Broker(Func<bool> isAway) : IEventPublisher
    {
        public Task Publish(IEvent e, CancellationToken cancellationToken) =>
            isAway() ? Task.FromException(new IOException("away")) : Task.CompletedTask;
    }
}
