using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Probe;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests.Messages;

/// <summary>
/// PostgreSQL ──✗── service ──✗── RabbitMQ: while either is away nothing is given up, and all goes on when it is back.
/// </summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class OutageTests
{
    const string Queue = "probe-number-counted";

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_database_is_away_messages_wait_and_none_is_given_up()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("outage", Cancelled);
        await using var proxy = new TcpProxy(infrastructure.Postgres.Host!, infrastructure.Postgres.Port);
        proxy.Open();
        await using var host = await ProbeHost.Start(infrastructure, Cancelled, infrastructure.PostgresBy(proxy.Port));
        const int count = 150; // more than are taken at once

        await proxy.Cut();
        var bus = infrastructure.Bus();
        await bus.StartAsync(Cancelled);
        await Task.WhenAll(
            Enumerable.Range(0, count).Select(x => bus.Publish(new NumberCounted("tally-t", x), Cancelled))
        );
        await bus.StopAsync(Cancelled);
        await Eventually.Is(
            async token => (await host.Get<BrokerConnection>().Find(Queue, token))?.Messages == count - 64,
            "the consumer to hold what it took and to take no more",
            Cancelled
        );
        Assert.Null(await host.Get<BrokerConnection>().Find($"{Queue}_error", Cancelled));

        proxy.Open();
        host.Get<NpgsqlDataSource>().Clear(); // the test's own reads must not meet a connection of before the cut
        await host.Heard("t", count, Cancelled);
        Assert.Null(await host.Get<BrokerConnection>().Find($"{Queue}_error", Cancelled));
    }

    [Fact]
    public async Task While_the_broker_is_away_the_service_is_not_ready_and_then_it_consumes_and_publishes_again()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("brokerless", Cancelled);
        await using var proxy = new TcpProxy(infrastructure.RabbitMq.Host, infrastructure.RabbitMq.Port);
        proxy.Open();
        await using var host = await ProbeHost.Start(infrastructure, Cancelled, infrastructure.RabbitMqBy(proxy.Port));
        await Ready(host, yes: true);

        await proxy.Cut();
        await host.Tallies.Transact("t", _ => [new Counted(1, DateTimeOffset.UnixEpoch)], Cancelled);
        await Ready(host, yes: false);

        proxy.Open();
        await Ready(host, yes: true);
        await host.Heard("t", 1, Cancelled);
    }

    [Fact]
    public async Task A_service_that_is_started_while_the_broker_is_away_waits_for_it()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("early", Cancelled);
        await using var proxy = new TcpProxy(infrastructure.RabbitMq.Host, infrastructure.RabbitMq.Port);
        proxy.Open();
        await proxy.Cut();
        var starting = ProbeHost.Start(infrastructure, Cancelled, infrastructure.RabbitMqBy(proxy.Port));
        Assert.False(starting.IsCompleted);

        proxy.Open();
        await using var host = await starting;
        await Ready(host, yes: true);
    }

    [Fact]
    public async Task A_queue_that_somebody_deletes_is_declared_and_consumed_again()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("deleted", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await Ready(host, yes: true);

        await infrastructure.DeleteQueue(Queue, Cancelled);
        await Eventually.Is(
            async token => (await host.Get<BrokerConnection>().Find(Queue, token))?.Consumers > 0,
            "the queue to be consumed",
            Cancelled
        );

        await host.Tallies.Transact("t", _ => [new Counted(1, DateTimeOffset.UnixEpoch)], Cancelled);
        await host.Heard("t", 1, Cancelled);
    }

    static Task Ready(RunningService host, bool yes) =>
        Eventually.Is(
            async token =>
            {
                using var answer = await host.Http.GetAsync("/readyz", token);
                return answer.IsSuccessStatusCode == yes;
            },
            yes ? "the service to be ready" : "the service not to be ready",
            Cancelled
        );
}
