using System.Threading.Channels;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Testing;
using RabbitMQ.Client;

namespace Nightshift.Webhooks.Tests.Service;

/// <summary>The scheduler's side of the bus: what it is told, and what it tells.</summary>
sealed class SchedulerEnd(TestInfrastructure infrastructure) : IAsyncDisposable
{
    readonly Channel<TriggerRun> triggered = Channel.CreateUnbounded<TriggerRun>();
    readonly Channel<AnnounceDags> asked = Channel.CreateUnbounded<AnnounceDags>();
    IBusControl? bus;

    public ChannelReader<TriggerRun> Triggered => triggered.Reader;

    public ChannelReader<AnnounceDags> Asked => asked.Reader;

    /// <param name="queues">Queues of the service, which is not running yet: what an interrupted run left in them is
    /// about another database.</param>
    public async Task Start(params string[] queues)
    {
        var server = new ConnectionFactory { Uri = infrastructure.RabbitMq };
        await using (var connection = await server.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
            foreach (var queue in queues)
                await channel.QueueDeleteAsync(queue);

        bus = infrastructure.Bus(x =>
        {
            x.ReceiveEndpoint("scheduler-trigger-run", y => Take(y, triggered));
            x.ReceiveEndpoint("scheduler-announce-dags", y => Take(y, asked));
        });
        await bus.StartAsync();
    }

    public Task Announce(DagTriggersChanged triggers) => bus!.Publish(triggers);

    public async ValueTask DisposeAsync()
    {
        if (bus is not null)
            await bus.StopAsync();
    }

    static void Take<T>(IRabbitMqReceiveEndpointConfigurator endpoint, Channel<T> into)
        where T : class
    {
        endpoint.PurgeOnStartup = true;
        endpoint.Handler<T>(x => into.Writer.WriteAsync(x.Message).AsTask());
    }
}
