using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Hosting;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Plumbing.Streams;

/// <summary>A stored state.</summary>
/// <param name="State">The state.</param>
/// <param name="Version">The stream's version it is at.</param>
/// <param name="Bytes">Its length as JSON.</param>
sealed record Snapshot(object State, long Version, long Bytes);

/// <summary>
/// The latest snapshot of each long stream: a stream loads in constant time however long it is. A snapshot is a copy
/// that can be lost at any time: it counts only for the code that wrote it, and the events stay the truth.
/// </summary>
public sealed class SnapshotTable(string schema, NpgsqlDataSource database, ILogger<SnapshotTable> log)
{
    readonly string select =
        $"select stream_id, version, state from {schema}.stream_snapshot where stream_id = any(@ids) and code = @code";
    readonly string upsert = $"""
        insert into {schema}.stream_snapshot as s (stream_id, version, code, state) values (?, ?, ?, ?)
        on conflict (stream_id) do update set version = excluded.version, code = excluded.code, state = excluded.state
        """;

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema(string schema)
    {
        var table = new Table(new PostgresqlObjectName(schema, "stream_snapshot", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("stream_id").AsPrimaryKey();
        table.AddColumn<long>("version").NotNull();
        table.AddColumn<string>("code").NotNull();
        table.AddColumn("state", "bytea").NotNull();
        return table;
    }

    /// <summary>The snapshots there are of some streams of one kind.</summary>
    internal async Task<IReadOnlyDictionary<string, Snapshot>> Find(
        StreamDefinition definition,
        IReadOnlyList<string> streamIds,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, Snapshot>();
        await using var command = database.CreateCommand(select);
        command.Parameters.AddWithValue("ids", streamIds.ToArray());
        command.Parameters.AddWithValue("code", CodeOf(definition));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            if (Read(definition, rows.GetString(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)) is { } snapshot)
                found[rows.GetString(0)] = snapshot;
        return found;
    }

    /// <summary>The row of a snapshot, for the transaction that appends the events up to it; null when the state
    /// cannot be written.</summary>
    internal RowChange? Row(StreamDefinition definition, string streamId, object state, long version)
    {
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(state, definition.StateType, Json.Options);
            return new(upsert, streamId, version, CodeOf(definition), json) { IsAwaited = false };
        }
        // what was decided is not to be lost for a copy of it
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            PlumbingLog.SnapshotFailed(log, e, streamId, version);
            return null;
        }
    }

    Snapshot? Read(StreamDefinition definition, string streamId, long version, byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, definition.StateType, Json.Options) is { } state
                ? new Snapshot(state, version, json.Length)
                : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            PlumbingLog.SnapshotFailed(log, e, streamId, version);
            return null;
        }
    }

    // The compiler derives a module's version id from what it compiles. Another build, another way of folding: its
    // snapshots are read by nobody, and replaced as streams grow.
    static string CodeOf(StreamDefinition definition)
    {
        var modules = new[] { definition.StateType, definition.EventBase, typeof(SnapshotTable) }
            .Select(x => x.Assembly.ManifestModule.ModuleVersionId.ToString())
            .Distinct();
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', modules))))[..32];
    }
}
