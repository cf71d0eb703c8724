using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>The relay's parts; its background services are added where their order is decided.</summary>
static class RelaySetup
{
    public static IServiceCollection AddRelay(
        this IServiceCollection services,
        string schema,
        NpgsqlDataSource database,
        RelayDatabase relayDatabase
    ) =>
        services
            .AddSingleton(relayDatabase)
            .AddSingleton(new RelayGap(schema, database))
            .AddSingleton(new UnpublishableEvents(schema, database))
            .AddSingleton<RelayWakeup>()
            .AddSingleton<EventLog>()
            // the store needs the listener, and the bus's consumers need the store
            .AddSingleton(x => new Lazy<IEventPublisher>(x.GetRequiredService<IEventPublisher>))
            .AddSingleton<AfterCommitRelay>()
            .AddSingleton<ICommitListener>(x => x.GetRequiredService<AfterCommitRelay>())
            .AddSingleton(x => new ConfirmationNotices(
                schema,
                database,
                x.GetRequiredService<ILogger<ConfirmationNotices>>(),
                x.GetRequiredService<TimeProvider>()
            ))
            .AddSingleton<Func<RelayConnection, ForeignConfirmations, RelayLoop>>(x =>
                (connection, foreign) => ActivatorUtilities.CreateInstance<RelayLoop>(x, connection, foreign)
            );
}
