using MassTransit;
using Nightshift.Plumbing.Hosting;
using Npgsql;

namespace Nightshift.Healer.Tests.Running;

/// <summary>Real PostgreSQL and RabbitMQ, named by the test runner; a service of its own name keeps its own schema and queues.</summary>
public sealed class Surroundings : IAsyncLifetime
{
    /// <summary>Longest wait for anything; far beyond what a slow machine needs.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    readonly DirectoryInfo secrets = Directory.CreateTempSubdirectory("ns-secrets");
    IBusControl? bus;

    public const string GatewayKey = "test-key";

    static string? Postgres => Environment.GetEnvironmentVariable("NIGHTSHIFT_TEST_POSTGRES");

    static string? RabbitMq => Environment.GetEnvironmentVariable("NIGHTSHIFT_TEST_RABBITMQ");

    /// <summary>A bus outside the service, to say what other services would say.</summary>
    public IBus Bus => bus ?? throw new InvalidOperationException("There is no broker to test with");

    public static void Require() =>
        Assert.SkipUnless(Postgres is { Length: > 0 } && RabbitMq is { Length: > 0 }, "Needs PostgreSQL and RabbitMQ: set NIGHTSHIFT_TEST_POSTGRES and NIGHTSHIFT_TEST_RABBITMQ, or run ./nightshift test");

    public async ValueTask InitializeAsync()
    {
        if (Postgres is not { Length: > 0 } || RabbitMq is not { Length: > 0 } uri) return;
        var (host, user, password) = Split(uri);
        File.WriteAllText(Path.Combine(secrets.FullName, "gateway-key"), GatewayKey);
        File.WriteAllText(Path.Combine(secrets.FullName, "postgres-password"), new NpgsqlConnectionStringBuilder(Postgres).Password);
        File.WriteAllText(Path.Combine(secrets.FullName, "rabbitmq-password"), password);
        bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(x =>
        {
            x.Host(new Uri($"rabbitmq://{host}"), h =>
            {
                h.Username(user);
                h.Password(password);
            });
            x.ConfigureJsonSerializerOptions(Json.Apply);
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Listens where another service would; ends with the returned handle.</summary>
    public async Task<HostReceiveEndpointHandle> Listen(string queue, Action<IReceiveEndpointConfigurator> configure)
    {
        var handle = (bus ?? throw new InvalidOperationException("There is no broker to test with")).ConnectReceiveEndpoint(queue, configure);
        await handle.Ready;
        return handle;
    }

    /// <summary>The command line that tells a service about these surroundings.</summary>
    public string[] Arguments(params string[] settings)
    {
        var (host, user, _) = Split(RabbitMq ?? "");
        return [$"--Nightshift:Postgres={new NpgsqlConnectionStringBuilder(Postgres) { Password = null }.ConnectionString}", $"--Nightshift:RabbitMq=amqp://{user}@{host}",
            $"--Nightshift:SecretsDirectory={secrets}", "--urls=http://127.0.0.1:0", .. settings];
    }

    public async ValueTask DisposeAsync()
    {
        if (bus is not null) await bus.StopAsync(CancellationToken.None);
        secrets.Delete(recursive: true);
    }

    static (string Host, string User, string Password) Split(string amqp)
    {
        var uri = new Uri(amqp);
        var parts = uri.UserInfo.Split(':', 2);
        return ($"{uri.Host}:{uri.Port}{uri.AbsolutePath}", Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
    }
}
