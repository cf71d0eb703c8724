using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Messages;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Telemetry;
using RabbitMQ.Client;

namespace Nightshift.Plumbing.Hosting;

/// <summary>RabbitMQ as every service uses it: durable queues, no plugins, several messages at once.</summary>
static class RabbitMqSetup
{
    /// <summary>Connects beside MassTransit, as the same user.</summary>
    public static ConnectionFactory Factory(NightshiftOptions options, string password, string application)
    {
        var uri = new Uri(options.RabbitMq);
        return new()
        {
            HostName = uri.Host,
            Port = uri.IsDefaultPort ? AmqpTcpEndpoint.UseDefaultPort : uri.Port,
            VirtualHost = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "/",
            UserName = UserOf(uri),
            Password = password,
            ClientProvidedName = $"nightshift-{application}-queues",
            AutomaticRecoveryEnabled = false, // whoever asks next connects again
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
        };
    }

    static string UserOf(Uri uri) => Uri.UnescapeDataString(uri.UserInfo.Split(':')[0]);

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
                x.Username(UserOf(uri));
                x.Password(password);
            }
        );
        rabbit.UseInstallation(context.GetRequiredService<Installation>());
        rabbit.PrefetchCount = options.Prefetch;
        rabbit.ConfigureJsonSerializerOptions(Json.Apply);
        rabbit.ConnectEndpointConfigurationObserver(context.GetRequiredService<ErrorQueueFilter>());
        rabbit.UseConsumeFilter(typeof(IdScope<>), context);
        // A dependency that is away is waited for (ErrorQueueFilter); anything else gets three quick chances and then
        // the error queue, where it can be seen.
        rabbit.UseMessageRetry(x =>
        {
            x.Ignore<RejectedException>();
            x.Ignore<Exception>(DependencyFaults.IsTransient);
            x.Intervals(50, 200, 1000);
        });
        rabbit.ConfigureEndpoints(context);
    }
}
