using MassTransit;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Installations;
using Npgsql;
using RabbitMQ.Client;

namespace Nightshift.Testing;

/// <summary>
/// The real PostgreSQL and RabbitMQ that <c>./nightshift test</c> provides, as a service under test sees them: with a
/// database of its own, which stays in place for whoever looks into a failure, and secrets of its own.
/// </summary>
public sealed class TestInfrastructure : IDisposable
{
    readonly DirectoryInfo secrets = Directory.CreateTempSubdirectory("nightshift-test-");

    readonly string installation;

    TestInfrastructure(NpgsqlConnectionStringBuilder postgres, Uri rabbitMq, string installation) =>
        (Postgres, RabbitMq, this.installation) = (postgres, rabbitMq, installation);

    /// <summary>
    /// The key services under test expect from the gateway. It makes all of them one installation, which may share
    /// broker and engine.
    /// </summary>
    public const string GatewayKey = "test-gateway-key";

    /// <summary>The database, with its password.</summary>
    public NpgsqlConnectionStringBuilder Postgres { get; }

    /// <summary>The broker, with user and password.</summary>
    public Uri RabbitMq { get; }

    string Broker => RabbitMq.Authority[(RabbitMq.Authority.IndexOf('@') + 1)..] + RabbitMq.AbsolutePath;

    string User => Uri.UnescapeDataString(RabbitMq.UserInfo.Split(':')[0]);

    string Password => Uri.UnescapeDataString(RabbitMq.UserInfo.Split(':')[^1]);

    /// <summary>Makes them; skips the test where there is no server to make them on.</summary>
    /// <param name="name">Part of the database's name; lower-case letters and digits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="installation">The installation's id.</param>
    /// <param name="postgres">A server of the test's own, which stands for the one that all tests share.</param>
    public static async Task<TestInfrastructure> Prepare(
        string name,
        CancellationToken cancellationToken,
        string installation = Installation.Default,
        OwnPostgres? postgres = null
    )
    {
        var server = postgres?.Address ?? new(Require("NIGHTSHIFT_TEST_POSTGRES"));
        var database = $"test_{name}_{Guid.NewGuid().ToString("N")[..8]}";
        await using (var admin = NpgsqlDataSource.Create(server))
        await using (var create = admin.CreateCommand($"create database {database}"))
            await create.ExecuteNonQueryAsync(cancellationToken);

        var address = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = database };
        var infrastructure = new TestInfrastructure(
            address,
            new Uri(Require("NIGHTSHIFT_TEST_RABBITMQ")),
            installation
        );
        await infrastructure.Secret("gateway-key", GatewayKey);
        await infrastructure.Secret("postgres-password", server.Password);
        await infrastructure.Secret("rabbitmq-password", infrastructure.Password);
        return infrastructure;
    }

    /// <summary>What the test runner says about the machine; skips the test where it says nothing.</summary>
    public static string Require(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(value), $"{variable} is not set; run ./nightshift test");
        return value!;
    }

    /// <summary>
    /// Takes a queue and its error queue from the broker, which all tests share, with whatever an earlier test left in
    /// them.
    /// </summary>
    public async Task DeleteQueue(string queue, CancellationToken cancellationToken)
    {
        await using var connection = await new ConnectionFactory { Uri = RabbitMq }.CreateConnectionAsync(
            cancellationToken
        );
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
        await channel.QueueDeleteAsync($"{queue}_error", cancellationToken: cancellationToken);
    }

    /// <summary>Waits until so many messages are in a queue.</summary>
    public async Task Waiting(string queue, uint messages, CancellationToken cancellationToken)
    {
        await using var connection = await new ConnectionFactory { Uri = RabbitMq }.CreateConnectionAsync(
            cancellationToken
        );
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await Eventually.Is(
            async token => await channel.MessageCountAsync(queue, token) >= messages,
            $"{messages} messages in {queue}",
            cancellationToken
        );
    }

    /// <summary>Sets a secret, or takes it away with null.</summary>
    public async Task Secret(string name, string? value)
    {
        var path = Path.Combine(secrets.FullName, name);
        if (value is null)
            File.Delete(path);
        else
            await File.WriteAllTextAsync(path, value);
    }

    /// <summary>A secret as it is now.</summary>
    public Task<string> Secret(string name, CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(Path.Combine(secrets.FullName, name), cancellationToken);

    /// <summary>The command line that tells a service about them.</summary>
    /// <param name="settings">Further settings; they win.</param>
    public string[] Arguments(params string[] settings) =>
        [
            $"--Nightshift:Postgres={new NpgsqlConnectionStringBuilder(Postgres.ConnectionString) { Password = null }}",
            $"--Nightshift:RabbitMq=amqp://{Uri.EscapeDataString(User)}@{Broker}",
            $"--Nightshift:SecretsDirectory={secrets}",
            $"--Nightshift:Installation={installation}",
            "--Nightshift:MigrateOnStart=true",
            "--urls=http://127.0.0.1:0",
            .. settings,
        ];

    /// <summary>The setting that sends a service to the database by another port.</summary>
    public string PostgresBy(int port) =>
        $"--Nightshift:Postgres={new NpgsqlConnectionStringBuilder(Postgres.ConnectionString) { Password = null, Port = port }}";

    /// <summary>The setting that sends a service to the broker by another port.</summary>
    public string RabbitMqBy(int port) =>
        $"--Nightshift:RabbitMq=amqp://{Uri.EscapeDataString(User)}@127.0.0.1:{port}{RabbitMq.AbsolutePath}";

    /// <summary>A bus outside the service, to be what other services are; not started yet.</summary>
    public IBusControl Bus(Action<IRabbitMqBusFactoryConfigurator>? configure = null) =>
        MassTransit.Bus.Factory.CreateUsingRabbitMq(x =>
        {
            x.Host(
                new Uri($"rabbitmq://{Broker}"),
                host =>
                {
                    host.Username(User);
                    host.Password(Password);
                }
            );
            x.ConfigureJsonSerializerOptions(Json.Apply);
            configure?.Invoke(x);
        });

    /// <inheritdoc/>
    public void Dispose() => secrets.Delete(recursive: true);
}
