using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nightshift.Plumbing.Relay;
using Npgsql;
using RabbitMQ.Client;

namespace Nightshift.Plumbing.Messages;

/// <summary>What becomes of messages that cannot be handled, and who consumes the queues.</summary>
static class MessagesSetup
{
    public static IServiceCollection AddMessages(
        this IServiceCollection services,
        string service,
        IConnectionFactory broker,
        NpgsqlDataSource database
    ) =>
        services
            .AddSingleton(new BrokerConnection(broker))
            .AddSingleton<BrokerAvailability>()
            .AddSingleton<ReceiveQueues>()
            .AddSingleton(x => new DependencyWait(
                cancellationToken => DependencyWait.Answers(database, cancellationToken),
                x.GetRequiredService<TimeProvider>(),
                x.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
            ))
            .AddSingleton<ErrorQueueFilter>()
            .AddSingleton<ErrorQueues>()
            .AddSingleton(x => new GivenUpMessages(
                service,
                x.GetRequiredService<ErrorQueues>(),
                x.GetRequiredService<UnpublishableEvents>(),
                x.GetRequiredService<EventLog>(),
                x.GetRequiredService<IEventPublisher>()
            ))
            .AddSingleton<QueueConsumers>();
}
