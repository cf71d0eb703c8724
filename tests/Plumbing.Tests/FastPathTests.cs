using JasperFx.Events;
using Marten.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Weasel.Storage;

namespace Nightshift.Plumbing.Tests;

/// <summary>The fast path of an instance whose subscription runs elsewhere: nobody but itself opens it again.</summary>
public sealed class FastPathTests
{
    readonly FakeTimeProvider clock = new();
    readonly AfterCommitRelay relay;
    bool brokerIsAway;

    public FastPathTests()
    {
        // An event that maps to nothing is confirmed at once; a mapping that throws stands for a broker that does not
        // confirm.
        var map = new OutgoingMap().On<Counted>(_ => brokerIsAway ? throw new IOException("away") : []);
        var services = new ServiceCollection()
            .AddSingleton(new BusWriter(bus: null!, map, new(Installation.Default)))
            .BuildServiceProvider();
        relay = new AfterCommitRelay(
            services,
            map,
            new DaemonWakeup(clock),
            NullLogger<AfterCommitRelay>.Instance,
            clock
        );
    }

    [Fact]
    public async Task It_stays_shut_while_the_broker_is_away_and_opens_by_itself_afterwards()
    {
        Assert.True(await Published());
        brokerIsAway = true;
        Assert.False(await Published());
        brokerIsAway = false;
        Assert.False(await Published()); // shut: left to the subscription

        clock.Advance(AfterCommitRelay.TryAgainAfter);
        Assert.True(await Published());
        Assert.True(await Published());
    }

    [Fact]
    public async Task One_event_tries_for_all_while_it_is_shut()
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
        await relay.AfterCommitAsync(session: null!, new Commit([e]), TestContext.Current.CancellationToken);
        return await relay.TakeConfirmation(e);
    }

    sealed class Commit(IReadOnlyList<IEvent> events) : IChangeSet
    {
        public IEnumerable<object> Updated => [];
        public IEnumerable<object> Inserted => [];
        public IEnumerable<IDeletion> Deleted => [];

        public IEnumerable<IEvent> GetEvents() => events;

        public IEnumerable<StreamAction> GetStreams() => [];

        public IChangeSet Clone() => this;
    }
}
