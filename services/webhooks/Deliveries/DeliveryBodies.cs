using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Webhooks.Deliveries;

/// <summary>
/// The bodies exactly as GitHub sent them, so that a signature can be checked again and a replay sees what was there.
/// As bytes: jsonb refuses some payloads and reorders the others.
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
    public static void Keep(IDocumentSession session, string deliveryId, byte[] body) =>
        session.QueueSqlCommand($"insert into {Name} (delivery_id, body) values (?, ?)", deliveryId, body);

    /// <summary>Reads a body; null when there is none.</summary>
    public async Task<byte[]?> Find(string deliveryId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select body from {Name} where delivery_id = @id");
        command.Parameters.AddWithValue("id", deliveryId);
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }
}
