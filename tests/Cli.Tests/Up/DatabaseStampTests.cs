using Nightshift.Cli.Up;
using Npgsql;

namespace Nightshift.Cli.Tests.Up;

/// <summary>A real database that is prepared, dropped in part, and restored.</summary>
public sealed class DatabaseStampTests
{
    static readonly string[] Services = ["scheduler", "executor"];

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_current_only_while_it_holds_what_the_build_made()
    {
        var database = await Database();
        Assert.False(await IsCurrent(database, "b1")); // empty

        await Execute(
            database,
            """
            create schema nightshift; create schema scheduler; create schema executor;
            create table nightshift.installation (build text not null);
            insert into nightshift.installation values ('');
            create table scheduler.mt_events (seq_id bigint);
            create table executor.mt_events (seq_id bigint);
            """
        );
        Assert.False(await IsCurrent(database, "b1")); // never prepared by a build

        await DatabaseStamp.Remember(database, "b1", Cancelled);
        Assert.True(await IsCurrent(database, "b1"));
        Assert.False(await IsCurrent(database, "b2"));

        await Execute(database, "drop schema executor cascade");
        Assert.False(await IsCurrent(database, "b1")); // one schema was dropped

        await Execute(database, "drop schema nightshift cascade");
        Assert.False(await IsCurrent(database, "b1"));
    }

    static Task<bool> IsCurrent(string database, string build) =>
        DatabaseStamp.IsCurrent(database, build, Services, Cancelled);

    static async Task<string> Database()
    {
        var server = Environment.GetEnvironmentVariable("NIGHTSHIFT_TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "NIGHTSHIFT_TEST_POSTGRES is not set; run ./nightshift test");
        var name = $"test_stamp_{Guid.NewGuid().ToString("N")[..8]}";
        await Execute(server!, $"create database {name}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ConnectionString;
    }

    static async Task Execute(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
