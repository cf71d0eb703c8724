using System.Buffers;
using JasperFx;
using JasperFx.Events;
using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Nightshift.Plumbing.Streams;

/// <summary>
/// The call of the function by which Marten appends, <c>mt_quick_append_events</c>: it checks and advances the stream's
/// version and numbers the events.
/// </summary>
sealed class AppendStatement(IDocumentStore store)
{
    /// <summary>The function's error when the stream has another version.</summary>
    public const string OtherVersion = "MT003";

    readonly EventRegistry registry = (EventRegistry)store.Options.Events;
    readonly ISerializer serializer = store.Options.Serializer();
    readonly string sql =
        $"select {store.Options.Events.DatabaseSchemaName}.mt_quick_append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

    /// <summary>Wraps an event as Marten does.</summary>
    public IEvent Build(object data)
    {
        var e = registry.BuildEvent(data);
        (e.Id, e.Timestamp) = (Guid.CreateVersion7(), registry.TimeProvider.GetUtcNow());
        return e;
    }

    /// <summary>The statement for one stream. Numbers the events as the function will.</summary>
    public NpgsqlBatchCommand For(Append append)
    {
        var (streamId, version, events) = append;
        foreach (var (index, e) in events.Index())
            (e.StreamKey, e.Version) = (streamId, version + index + 1);
        return new(sql)
        {
            Parameters =
            {
                Text(streamId),
                new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar },
                Text(StorageConstants.DefaultTenantId),
                Array(events, x => x.Id, NpgsqlDbType.Uuid),
                Array(events, x => x.EventTypeName, NpgsqlDbType.Varchar),
                Array(events, x => x.DotNetTypeName, NpgsqlDbType.Varchar),
                Array(events, x => Json(x.Data), NpgsqlDbType.Jsonb),
                Array(events, _ => (byte[]?)null, NpgsqlDbType.Bytea),
                Array(events, x => Json(x.Headers), NpgsqlDbType.Jsonb),
                Array(events, x => x.Timestamp, NpgsqlDbType.TimestampTz),
                new NpgsqlParameter<long> { TypedValue = version, NpgsqlDbType = NpgsqlDbType.Bigint },
            },
        };
    }

    byte[] Json(object? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        serializer.WriteTo(buffer, value);
        return buffer.WrittenSpan.ToArray();
    }

    static NpgsqlParameter<string> Text(string value) =>
        new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Varchar };

    static NpgsqlParameter<T[]> Array<T>(IReadOnlyList<IEvent> events, Func<IEvent, T> of, NpgsqlDbType type) =>
        new() { TypedValue = [.. events.Select(of)], NpgsqlDbType = NpgsqlDbType.Array | type };
}
