using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Plumbing.Retention;

/// <summary>What was removed of one kind.</summary>
/// <param name="Streams">Streams or things removed in all.</param>
/// <param name="LastAt">When the latest were removed (UTC); null when none ever was.</param>
public sealed record Removals(long Streams, DateTimeOffset? LastAt);

/// <summary>
/// A row per transaction of removals: what kind, how many, of what time, and a digest over the ids of the removed
/// events. Whoever has a backup can show that it is what was removed, and that nothing else is missing from the log.
/// </summary>
public sealed class RetentionTable(string schema)
{
    /// <summary>Its name, without the schema.</summary>
    public const string Name = "retention_log";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema(string schema)
    {
        var table = new Table(new PostgresqlObjectName(schema, Name, SchemaUtils.IdentifierUsage.General));
        table.AddColumn<Guid>("id").AsPrimaryKey();
        table.AddColumn<string>("kind").NotNull();
        table.AddColumn<DateTimeOffset>("removed_at").NotNull();
        table.AddColumn<DateTimeOffset>("ended_before").NotNull();
        table.AddColumn<long>("streams").NotNull();
        table.AddColumn<long>("events").NotNull();
        table.AddColumn<long>("first_seq_id");
        table.AddColumn<long>("last_seq_id");
        table.AddColumn<string>("digest");
        return table;
    }

    /// <summary>Deletes the events of streams and records it. The digest is SHA-256 over the events' ids in order,
    /// joined by commas.</summary>
    internal async Task RemoveEvents(
        NpgsqlConnection connection,
        string kind,
        string[] streamIds,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"""
            with removed as (delete from {schema}.mt_events where stream_id = any(@ids) returning id, seq_id)
            insert into {schema}.{Name}
              (id, kind, removed_at, ended_before, streams, events, first_seq_id, last_seq_id, digest)
            select gen_random_uuid(), @kind, clock_timestamp(), @before, @streams, count(*), min(seq_id), max(seq_id),
              encode(sha256(convert_to(string_agg(id::text, ',' order by seq_id), 'UTF8')), 'hex') from removed
            """,
            connection
        );
        command.Parameters.AddWithValue("ids", streamIds);
        command.Parameters.AddWithValue("kind", kind);
        command.Parameters.AddWithValue("before", before.ToUniversalTime());
        command.Parameters.AddWithValue("streams", (long)streamIds.Length);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Records removals of rows that are no streams.</summary>
    internal async Task Record(
        NpgsqlConnection connection,
        string kind,
        long count,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"""
            insert into {schema}.{Name} (id, kind, removed_at, ended_before, streams, events)
            values (gen_random_uuid(), @kind, clock_timestamp(), @before, @count, 0)
            """,
            connection
        );
        command.Parameters.AddWithValue("kind", kind);
        command.Parameters.AddWithValue("before", before.ToUniversalTime());
        command.Parameters.AddWithValue("count", count);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What was removed of a kind so far.</summary>
    internal async Task<Removals> Of(NpgsqlDataSource database, string kind, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"select coalesce(sum(streams), 0)::bigint, max(removed_at) from {schema}.{Name} where kind = @kind"
        );
        command.Parameters.AddWithValue("kind", kind);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new(
            rows.GetInt64(0),
            await rows.IsDBNullAsync(1, cancellationToken) ? null : rows.GetFieldValue<DateTimeOffset>(1)
        );
    }
}
