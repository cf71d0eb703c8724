using Nightshift.Webhooks.Receiving;
using Npgsql;

namespace Nightshift.Webhooks.Tests.Service;

/// <summary>The real PostgreSQL and RabbitMQ the tests are given; tests that need them skip where they are not.</summary>
sealed record Settings(NpgsqlConnectionStringBuilder Postgres, Uri RabbitMq, string Secrets)
{
    public const string GatewayKey = "test-gateway-key", Secret = "It's a Secret to Everybody";

    public static Settings Read() => new(new(Require("NIGHTSHIFT_TEST_POSTGRES")), new Uri(Require("NIGHTSHIFT_TEST_RABBITMQ")), Directory.CreateTempSubdirectory("nightshift-test-").FullName);

    public string RabbitPassword => Uri.UnescapeDataString(RabbitMq.UserInfo.Split(':')[^1]);

    /// <summary>A database of its own, left in place for whoever looks into a failure.</summary>
    public async Task<Settings> WithOwnDatabase()
    {
        var name = $"test_webhooks_{Guid.NewGuid().ToString("N")[..8]}";
        await using var admin = NpgsqlDataSource.Create(Postgres);
        await using var create = admin.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync();
        return this with { Postgres = new(Postgres.ConnectionString) { Database = name } };
    }

    public async Task Write(string secret, string? value)
    {
        var path = Path.Combine(Secrets, secret);
        if (value is null) File.Delete(path);
        else await File.WriteAllTextAsync(path, value);
    }

    public async Task WriteAll()
    {
        await Write("postgres-password", Postgres.Password);
        await Write("rabbitmq-password", RabbitPassword);
        await Write("gateway-key", GatewayKey);
        await Write(WebhookSecrets.Current, Secret);
    }

    public string[] Arguments(int postgresPort) =>
    [
        $"--Nightshift:Postgres={new NpgsqlConnectionStringBuilder(Postgres.ConnectionString) { Host = "127.0.0.1", Port = postgresPort, Password = null }}",
        $"--Nightshift:RabbitMq=amqp://{RabbitMq.UserInfo.Split(':')[0]}@{RabbitMq.Authority[(RabbitMq.Authority.IndexOf('@') + 1)..]}{RabbitMq.AbsolutePath}",
        $"--Nightshift:SecretsDirectory={Secrets}",
        "--Nightshift:MigrateOnStart=true",
        "--urls=http://127.0.0.1:0",
        "--Logging:Console:LogLevel:Default=None",
    ];

    static string Require(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(value), $"{variable} is not set; run ./nightshift test");
        return value!;
    }
}
