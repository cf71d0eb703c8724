using Npgsql;

namespace Nightshift.Testing;

/// <summary>The real PostgreSQL and RabbitMQ that <c>./nightshift test</c> provides; tests that need them are skipped elsewhere.</summary>
public static class TestInfrastructure
{
    /// <summary>Settings of a service under test on a database of its own, which is left in place for whoever looks into a failure.</summary>
    /// <param name="name">Part of the database's name; lower-case letters and digits.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<string>> Settings(string name, CancellationToken cancellationToken)
    {
        var postgres = new NpgsqlConnectionStringBuilder(Require("NIGHTSHIFT_TEST_POSTGRES"));
        var rabbit = new Uri(Require("NIGHTSHIFT_TEST_RABBITMQ"));
        var database = $"test_{name}_{Guid.NewGuid().ToString("N")[..8]}";
        await using (var admin = new NpgsqlConnection(postgres.ConnectionString))
        {
            await admin.OpenAsync(cancellationToken);
            await using var create = new NpgsqlCommand($"create database {database}", admin);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        var secrets = Directory.CreateTempSubdirectory("nightshift-test-").FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "postgres-password"), postgres.Password ?? "", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "rabbitmq-password"), Uri.UnescapeDataString(rabbit.UserInfo.Split(':')[^1]), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "gateway-key"), GatewayKey, cancellationToken);
        (postgres.Database, postgres.Password) = (database, null);
        return
        [
            $"--Nightshift:Postgres={postgres.ConnectionString}",
            $"--Nightshift:RabbitMq=amqp://{rabbit.UserInfo.Split(':')[0]}@{rabbit.Authority[(rabbit.Authority.IndexOf('@') + 1)..]}{rabbit.AbsolutePath}",
            $"--Nightshift:SecretsDirectory={secrets}",
            "--Nightshift:MigrateOnStart=true",
            "--urls=http://127.0.0.1:0",
        ];
    }

    /// <summary>The gateway key services under test expect.</summary>
    public const string GatewayKey = "test-gateway-key";

    static string Require(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(value), $"{variable} is not set; run ./nightshift test");
        return value!;
    }
}
