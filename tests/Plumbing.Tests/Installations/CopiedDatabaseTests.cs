using System.Diagnostics;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Installations;
using Nightshift.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace Nightshift.Plumbing.Tests.Installations;

/// <summary>A database and its copy, which would take each other's messages and containers.</summary>
public sealed class CopiedDatabaseTests : IAsyncLifetime
{
    const string Adopt = "--Nightshift:AdoptDatabase=true";

    readonly string id = $"t{Guid.NewGuid().ToString("N")[..8]}";
    readonly List<TestInfrastructure> prepared = [];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (var infrastructure in prepared)
        {
            await Forget(infrastructure);
            infrastructure.Dispose();
        }
    }

    [Fact]
    public async Task A_copy_is_refused_until_it_is_adopted_and_then_the_original_is_refused()
    {
        var original = await Prepare();
        await using (await ProbeHost.Start(original, Cancelled)) { }
        var copy = await Prepare();
        await Recreate(copy, $"template {original.Postgres.Database}");

        var refused = await Refused(copy);
        Assert.Contains("is a copy", refused, StringComparison.Ordinal);
        Assert.Contains(
            "If the original is still used, set Nightshift:Installation",
            refused,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is a copy",
            await Refused(copy, "--Nightshift:MigrateOnStart=false"),
            StringComparison.Ordinal
        );

        // as the services of one system do: all at once
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Start(copy, Adopt)));
        await using (await ProbeHost.Start(copy, Cancelled)) { }
        Assert.Contains("a copy of this one's database", await Refused(original), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_with_an_id_of_its_own_runs_beside_the_original()
    {
        var original = await Prepare();
        await using var running = await ProbeHost.Start(original, Cancelled);
        var copy = await Prepare();
        NpgsqlConnection.ClearAllPools();
        await Copy(original.Postgres, copy.Postgres);
        string[] own = [$"--Nightshift:Installation={id}-b"];
        Assert.Contains("up --adopt", await Refused(copy, own), StringComparison.Ordinal);
        await using (await ProbeHost.Start(copy, Cancelled, [.. own, Adopt])) { }
        await using (await ProbeHost.Start(copy, Cancelled, own)) { }
        await using (await ProbeHost.Start(original, Cancelled)) { }
    }

    [Fact]
    public async Task A_dump_restored_on_another_server_is_a_copy_and_a_restarted_server_is_not()
    {
        await using var server = await OwnPostgres.Start(Cancelled);
        var original = await Prepare();
        await using (await ProbeHost.Start(original, Cancelled)) { }
        var restored = await Prepare(server);
        await Copy(original.Postgres, restored.Postgres);
        Assert.Contains("is a copy", await Refused(restored), StringComparison.Ordinal);
        await Start(restored, Adopt);

        await server.Kill();
        await server.Up(Cancelled);
        await Start(restored);

        // What cannot be told: the copy says of itself what the original says.
        await using var files = await server.Copy(Cancelled);
        await using var first = NpgsqlDataSource.Create(server.Address);
        await using var second = NpgsqlDataSource.Create(files.Address);
        Assert.Equal(await DatabaseIdentity.Read(first, Cancelled), await DatabaseIdentity.Read(second, Cancelled));
    }

    [Fact]
    public async Task A_row_of_an_older_version_is_taken_as_it_is_and_completed()
    {
        var infrastructure = await Prepare();
        await Start(infrastructure);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using (
            var older = database.CreateCommand(
                "alter table nightshift.installation drop column database, drop column replaced_token"
            )
        )
            await older.ExecuteNonQueryAsync(Cancelled);
        await Start(infrastructure, "--Nightshift:MigrateOnStart=false");
        Assert.Null((await InstallationStamp.Read(database, Cancelled))!.Database);
        await Start(infrastructure);
        Assert.Equal(
            await DatabaseIdentity.Read(database, Cancelled),
            (await InstallationStamp.Read(database, Cancelled))!.Database
        );
    }

    async Task<TestInfrastructure> Prepare(OwnPostgres? server = null)
    {
        var infrastructure = await TestInfrastructure.Prepare("copied", Cancelled, id, server);
        prepared.Add(infrastructure);
        return infrastructure;
    }

    static async Task Start(TestInfrastructure infrastructure, params string[] settings)
    {
        await using (await ProbeHost.Start(infrastructure, Cancelled, settings)) { }
    }

    static async Task<string> Refused(TestInfrastructure infrastructure, params string[] settings) =>
        (
            await Assert.ThrowsAsync<OptionsValidationException>(() =>
                ProbeHost.Start(infrastructure, Cancelled, settings)
            )
        ).Message;

    static async Task Recreate(TestInfrastructure infrastructure, string how)
    {
        NpgsqlConnection.ClearAllPools();
        var name = infrastructure.Postgres.Database;
        await using var server = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(infrastructure.Postgres.ConnectionString) { Database = "postgres" }
        );
        foreach (var sql in (string[])[$"drop database {name} with (force)", $"create database {name} {how}"])
            await using (var command = server.CreateCommand(sql))
                await command.ExecuteNonQueryAsync(Cancelled);
    }

    // As a person would: pg_dump | psql.
    static async Task Copy(NpgsqlConnectionStringBuilder from, NpgsqlConnectionStringBuilder to)
    {
        using var shell = Process.Start(
            new ProcessStartInfo(
                "sh",
                ["-c", "pg_dump \"$1\" | psql -q -v ON_ERROR_STOP=1 \"$2\"", "sh", Uri(from), Uri(to)]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, error) = (
            shell.StandardOutput.ReadToEndAsync(Cancelled),
            shell.StandardError.ReadToEndAsync(Cancelled)
        );
        await shell.WaitForExitAsync(Cancelled);
        Assert.True(shell.ExitCode == 0 && (await error).Length == 0, $"{await output}{await error}");
    }

    static string Uri(NpgsqlConnectionStringBuilder x) =>
        $"postgresql://{x.Username}:{System.Uri.EscapeDataString(x.Password ?? "")}@{x.Host}:{x.Port}/{x.Database}";

    // The broker is shared by all tests: nothing with an id of its own stays there.
    async Task Forget(TestInfrastructure infrastructure)
    {
        await using var connection = await new ConnectionFactory
        {
            Uri = infrastructure.RabbitMq,
        }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var prefix in new[] { id, $"{id}-b" })
        {
            await channel.QueueDeleteAsync($"{prefix}.probe-number-counted");
            string[] exchanges =
            [
                "nightshift-installation",
                "probe-number-counted",
                "Nightshift.Plumbing.Probe:NumberCounted",
            ];
            foreach (var exchange in exchanges)
                await channel.ExchangeDeleteAsync($"{prefix}.{exchange}");
        }
    }
}
