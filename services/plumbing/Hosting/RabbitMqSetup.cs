using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Status;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Telemetry;
using Npgsql;

namespace Nightshift.Plumbing.Hosting;

/// <summary>RabbitMQ as every service uses it: durable queues, no plugins, several messages at once.</summary>
static class RabbitMqSetup
{
    static readonly TimeSpan DependencyRetryPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Below RabbitMQ's 30 minutes, after which it would take the delivery away.</summary>
    const int DependencyRetries = 15 * 60;

    public static void UseNightshift(
        this IRabbitMqBusFactoryConfigurator rabbit,
        IBusRegistrationContext context,
        NightshiftOptions options,
        string password
    )
    {
        var uri = new Uri(options.RabbitMq);
        rabbit.Host(
            new Uri($"rabbitmq://{uri.Authority[(uri.Authority.IndexOf('@') + 1)..]}{uri.AbsolutePath}"),
            x =>
            {
                x.Username(Uri.UnescapeDataString(uri.UserInfo.Split(':')[0]));
                x.Password(password);
            }
        );
        rabbit.UseInstallation(context.GetRequiredService<Installation>());
        rabbit.PrefetchCount = options.Prefetch;
        rabbit.ConfigureJsonSerializerOptions(Json.Apply);
        rabbit.ConnectEndpointConfigurationObserver(context.GetRequiredService<GivenUp>());
        rabbit.UseConsumeFilter(typeof(IdScope<>), context);
        // A dependency that is away is waited for; anything else gets three quick chances and then the error queue,
        // where it can be seen.
        rabbit.UseMessageRetry(x =>
        {
            x.Handle<Exception>(IsDependency);
            x.Interval(DependencyRetries, DependencyRetryPeriod);
        });
        rabbit.UseMessageRetry(x =>
        {
            x.Ignore<RejectedException>();
            x.Ignore<Exception>(IsDependency);
            x.Intervals(50, 200, 1000);
        });
        rabbit.ConfigureEndpoints(context);
    }

    // ObjectDisposedException: the process is stopping; the message goes back to its queue rather than to the error
    // queue.
    static bool IsDependency(Exception e) =>
        e
            is NpgsqlException { IsTransient: true }
                or TimeoutException
                or IOException
                or HttpRequestException
                or ObjectDisposedException
        || e.InnerException is { } inner && IsDependency(inner);
}
