using System.Data;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Partitions;
using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// The bodies exactly as GitHub sent them, so that a replay sees what was there. As bytes: jsonb refuses some payloads
/// and reorders the others.
/// </summary>
public sealed class DeliveryBodies(NpgsqlDataSource database, WeeklyTable weeks)
{
    const string Name = "webhooks.delivery_body";

    /// <summary>Its partitions, so that old bodies go with a dropped table.</summary>
    public static WeeklyTable Weeks(TimeProvider clock) => new("webhooks", "delivery_body", clock);

    /// <summary>The table as the schema tool knows it.</summary>
    /// <param name="weeks">Its partitions, by the week in which a delivery was received.</param>
    public static ISchemaObject Schema(WeeklyTable weeks)
    {
        var table = new Table(
            new PostgresqlObjectName("webhooks", "delivery_body", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("delivery_id").AsPrimaryKey();
        weeks.Partition(table);
        table.AddColumn("body", "bytea").NotNull();
        return table;
    }

    /// <summary>Moves the bodies of a database from before there were partitions into them.</summary>
    public static DataMigration Migration { get; } =
        new(
            Before: $"""
            do $$ begin
              if (select relkind from pg_class where oid = to_regclass('{Name}')) = 'r' then
                alter table {Name} rename to delivery_body_unpartitioned;
              end if;
            end $$
            """,
            After: $"""
            do $$ begin
              if to_regclass('{Name}_unpartitioned') is not null then
                insert into {Name} (delivery_id, week, body)
                select old.delivery_id, date_trunc('week', coalesce(row.received_at, now()), 'UTC'), old.body
                from {Name}_unpartitioned old
                left join webhooks.mt_doc_deliveryrow row on row.id = 'delivery-' || old.delivery_id;
                drop table {Name}_unpartitioned;
              end if;
            end $$
            """
        );

    /// <summary>The row of a body.</summary>
    /// <param name="deliveryKey">As in <see cref="Deliveries.DeliveryKey"/>.</param>
    /// <param name="receivedAt">When the delivery was received, as its event says.</param>
    /// <param name="body">The bytes as sent; they are read until the transaction has ended.</param>
    public RowChange Row(string deliveryKey, DateTimeOffset receivedAt, ReadOnlyMemory<byte> body) =>
        new(
            $"insert into {Name} (delivery_id, week, body) values (?, ?, ?)",
            deliveryKey,
            weeks.WeekOf(receivedAt),
            body
        );

    /// <summary>Reads a body into memory of the caller's; null when there is none.</summary>
    public async Task<ReadOnlyMemory<byte>?> Read(
        string deliveryKey,
        DateTimeOffset receivedAt,
        BodyBlocks blocks,
        CancellationToken cancellationToken
    )
    {
        Memory<byte>? body = null;
        await Find(
            deliveryKey,
            receivedAt,
            async (length, stream) =>
                await stream.ReadExactlyAsync((body = blocks.Allocate(length)).Value, cancellationToken),
            cancellationToken
        );
        return body;
    }

    /// <summary>Writes a body to a stream, piece by piece; false when there is none.</summary>
    public Task<bool> CopyTo(
        string deliveryKey,
        DateTimeOffset receivedAt,
        Stream destination,
        CancellationToken cancellationToken
    ) =>
        Find(
            deliveryKey,
            receivedAt,
            (_, stream) => stream.CopyToAsync(destination, cancellationToken),
            cancellationToken
        );

    async Task<bool> Find(
        string deliveryKey,
        DateTimeOffset receivedAt,
        Func<int, Stream, Task> take,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            $"select octet_length(body), body from {Name} where delivery_id = @id and week = @week"
        );
        command.Parameters.AddWithValue("id", deliveryKey);
        command.Parameters.AddWithValue("week", weeks.WeekOf(receivedAt));
        await using var row = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return false;
        var length = row.GetInt32(0);
        await using var stream = await row.GetStreamAsync(1, cancellationToken);
        await take(length, stream);
        return true;
    }
}
