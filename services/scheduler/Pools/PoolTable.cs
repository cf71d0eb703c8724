using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.Pools;

/// <summary>A pool as its row has it.</summary>
public sealed record PoolRow(string Name, PoolSettings Settings);

/// <summary>
/// What each pool is now, written with its events. <see cref="SlotGrants"/> reads it under a lock, so that no slot is
/// granted by a size that has changed.
/// </summary>
public sealed class PoolTable(NpgsqlDataSource database)
{
    const string Upsert = """
        insert into scheduler.pool (name, slots, description, include_deferred) values (?, ?, ?, ?)
        on conflict (name) do update set slots = excluded.slots, description = excluded.description,
          include_deferred = excluded.include_deferred
        """;

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(new PostgresqlObjectName("scheduler", "pool", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("name").AsPrimaryKey();
        table.AddColumn<int>("slots").NotNull();
        table.AddColumn<string>("description").NotNull();
        table.AddColumn<bool>("include_deferred").NotNull();
        return table;
    }

    /// <summary>Makes the row of the default pool, which is there without an event.</summary>
    public static DataMigration Migration { get; } =
        new(
            Before: "select 1",
            After: $"""
            insert into scheduler.pool (name, slots, description, include_deferred)
            values ('{PoolName.Default}', {PoolSettings.OfDefault.Slots}, '{PoolSettings.OfDefault.Description}', false)
            on conflict do nothing
            """
        );

    /// <summary>The change of a row that an event makes.</summary>
    public static RowChange Change(object @event) =>
        @event switch
        {
            PoolSet x => new(Upsert, x.Name, x.Slots, x.Description, x.IncludeDeferred),
            PoolEvent x => new("delete from scheduler.pool where name = ?", x.Name),
            _ => throw new ArgumentException($"{@event.GetType().Name} is no event of a pool", nameof(@event)),
        };

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<PoolRow>> All(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select name, slots, description, include_deferred from scheduler.pool order by name collate \"C\""
        );
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var pools = new List<PoolRow>();
        while (await rows.ReadAsync(cancellationToken))
            pools.Add(new(rows.GetString(0), new(rows.GetInt32(1), rows.GetString(2), rows.GetBoolean(3))));
        return pools;
    }
}
