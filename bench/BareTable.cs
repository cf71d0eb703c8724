using Npgsql;
using NpgsqlTypes;

namespace Nightshift.Bench;

/// <summary>A table to append rows to that have the size of an event. It is dropped at the end.</summary>
sealed class BareTable : IAsyncDisposable
{
    static readonly string Row = $$"""{"text": "{{new string('x', 400)}}"}""";

    readonly NpgsqlDataSource database;

    BareTable(NpgsqlDataSource database) => this.database = database;

    public static async Task<BareTable> Create(NpgsqlDataSource database)
    {
        await Execute(
            database,
            """
            drop table if exists nightshift_yardstick;
            create table nightshift_yardstick (id bigint generated always as identity primary key, data jsonb not null)
            """
        );
        return new(database);
    }

    /// <summary>One row, one commit.</summary>
    public async Task Append()
    {
        await using var insert = database.CreateCommand("insert into nightshift_yardstick (data) values ($1)");
        insert.Parameters.Add(new() { Value = Row, NpgsqlDbType = NpgsqlDbType.Jsonb });
        await insert.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync() => await Execute(database, "drop table nightshift_yardstick");

    static async Task Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
