using System.Security.Cryptography;
using Npgsql;

namespace Nightshift.Executor.Tests.Running;

/// <summary>Real PostgreSQL, RabbitMQ and Docker, with a database of this class's own that stays behind for looking at.</summary>
public sealed class Surroundings : IAsyncDisposable
{
    public const string Image = "nightshift/toolbox";

    readonly string directory = Directory.CreateTempSubdirectory("nightshift-executor-tests-").FullName;
    NpgsqlConnectionStringBuilder database = [];

    public string Queue { get; } = $"test-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    public static async Task<Surroundings> Prepare()
    {
        var surroundings = new Surroundings();
        await surroundings.Create();
        return surroundings;
    }

    async Task Create()
    {
        Require("NIGHTSHIFT_TEST_DOCKER");
        var rabbit = new Uri(Require("NIGHTSHIFT_TEST_RABBITMQ"));
        var server = new NpgsqlConnectionStringBuilder(Require("NIGHTSHIFT_TEST_POSTGRES"));
        database = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = $"executor_{Queue.Replace('-', '_')}" };
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database {database.Database}", connection);
        await create.ExecuteNonQueryAsync();
        await Secret("gateway-key", "test-key");
        await Secret("postgres-password", server.Password ?? "");
        await Secret("rabbitmq-password", Uri.UnescapeDataString(rabbit.UserInfo.Split(':')[1]));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    public Task Secret(string name, string value) => File.WriteAllTextAsync(Path.Combine(directory, name), value);

    public string[] Settings(params string[] more)
    {
        var withoutPassword = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Password = null, MaxPoolSize = 20 };
        return
        [
            "--urls=http://127.0.0.1:0", $"--Nightshift:Postgres={withoutPassword.ConnectionString}", $"--Nightshift:RabbitMq={Require("NIGHTSHIFT_TEST_RABBITMQ")}",
            $"--Nightshift:SecretsDirectory={directory}", "--Nightshift:MigrateOnStart=true", $"--Nightshift:Docker={Require("NIGHTSHIFT_TEST_DOCKER")}",
            $"--Executor:Queues:0={Queue}", "--Logging:LogLevel:Default=Warning", .. more,
        ];
    }

    public static string Require(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : Skip($"{variable} is not set: run ./nightshift test");

    static string Skip(string why)
    {
        Assert.Skip(why);
        return "";
    }
}
