using System.Data;
using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// The bodies exactly as GitHub sent them, so that a replay sees what was there. As bytes: jsonb refuses some payloads
/// and reorders the others.
/// </summary>
public sealed class DeliveryBodies(NpgsqlDataSource database)
{
    const string Name = "webhooks.delivery_body";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("webhooks", "delivery_body", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("delivery_id").AsPrimaryKey();
        table.AddColumn("body", "bytea").NotNull();
        return table;
    }

    /// <summary>Adds a body to the session's transaction.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="deliveryKey">As in <see cref="Deliveries.DeliveryKey"/>.</param>
    /// <param name="body">The bytes as sent; they are read until the transaction has ended.</param>
    public static void Keep(IDocumentSession session, string deliveryKey, ReadOnlyMemory<byte> body) =>
        session.QueueSqlCommand($"insert into {Name} (delivery_id, body) values (?, ?)", deliveryKey, body);

    /// <summary>Reads a body into memory of the caller's; null when there is none.</summary>
    public async Task<ReadOnlyMemory<byte>?> Read(
        string deliveryKey,
        BodyBlocks blocks,
        CancellationToken cancellationToken
    )
    {
        Memory<byte>? body = null;
        await Find(
            deliveryKey,
            async (length, stream) =>
                await stream.ReadExactlyAsync((body = blocks.Allocate(length)).Value, cancellationToken),
            cancellationToken
        );
        return body;
    }

    /// <summary>Writes a body to a stream, piece by piece; false when there is none.</summary>
    public Task<bool> CopyTo(string deliveryKey, Stream destination, CancellationToken cancellationToken) =>
        Find(deliveryKey, (_, stream) => stream.CopyToAsync(destination, cancellationToken), cancellationToken);

    async Task<bool> Find(string deliveryKey, Func<int, Stream, Task> take, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"select octet_length(body), body from {Name} where delivery_id = @id"
        );
        command.Parameters.AddWithValue("id", deliveryKey);
        await using var row = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return false;
        var length = row.GetInt32(0);
        await using var stream = await row.GetStreamAsync(1, cancellationToken);
        await take(length, stream);
        return true;
    }
}
