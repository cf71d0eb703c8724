using Npgsql;

namespace Nightshift.Bench.Chaos;

/// <summary>Reads the events of all services from the database itself: no service has a say in it.</summary>
sealed class EventReader(string postgres)
{
    const string Schemas = "select schemaname from pg_tables where tablename = 'mt_events' order by 1";

    /// <summary>Every event, those of a stream in order.</summary>
    public async Task<IReadOnlyList<RecordedEvent>> Read(CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        var events = new List<RecordedEvent>();
        foreach (var schema in await SchemasIn(connection, cancellationToken))
            await Read(connection, schema, events, cancellationToken);
        return events;
    }

    /// <summary>The number of events: while it grows, something goes on.</summary>
    public async Task<long> Count(CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        var count = 0L;
        foreach (var schema in await SchemasIn(connection, cancellationToken))
        {
            await using var command = new NpgsqlCommand($"select count(*) from \"{schema}\".mt_events", connection);
            count += (long)(await command.ExecuteScalarAsync(cancellationToken) ?? 0L);
        }
        return count;
    }

    async Task<NpgsqlConnection> Open(CancellationToken cancellationToken)
    {
        // A pool would hand out connections that died with the server.
        var connection = new NpgsqlConnection($"{postgres};Pooling=false;Timeout=5");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    static async Task<List<string>> SchemasIn(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Schemas, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var schemas = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            schemas.Add(rows.GetString(0));
        return schemas;
    }

    static async Task Read(
        NpgsqlConnection connection,
        string schema,
        List<RecordedEvent> events,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"""
            select stream_id, type, timestamp, data -> 'key' ->> 'runId', data ->> 'task',
              case when stream_id like 'run-%' then (data ->> 'attempt')::int end,
              data ->> 'outcome', case when type = 'attempt_started' then (data ->> 'at')::timestamptz end
            from "{schema}".mt_events
            where stream_id like any (array['run-%', 'attempt-%', 'delivery-%', 'incident-%'])
            order by seq_id
            """,
            connection
        );
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            events.Add(
                new RecordedEvent(rows.GetString(0), rows.GetString(1), rows.GetFieldValue<DateTimeOffset>(2))
                {
                    RunId = rows.IsDBNull(3) ? null : rows.GetString(3),
                    Task = rows.IsDBNull(4) ? null : rows.GetString(4),
                    Attempt = rows.IsDBNull(5) ? 0 : rows.GetInt32(5),
                    Outcome = rows.IsDBNull(6) ? null : rows.GetString(6),
                    At = rows.IsDBNull(7) ? null : rows.GetFieldValue<DateTimeOffset>(7),
                }
            );
    }
}
