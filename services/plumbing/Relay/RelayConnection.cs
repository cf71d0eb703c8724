using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// The data source for the relay's own connection: no pool, short time-outs, and probes that notice a peer which is
/// gone. Its own type, so that nothing else asks for it.
/// </summary>
/// <param name="Schema">The service's schema.</param>
/// <param name="Source">Where its connection comes from.</param>
public sealed record RelayDatabase(string Schema, NpgsqlDataSource Source) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}

/// <summary>A committed event in one pass.</summary>
/// <param name="Sequence">Its number in the log.</param>
/// <param name="Id">Its id, which is also its first message's.</param>
/// <param name="Type">The event type's name.</param>
readonly record struct ScannedEvent(long Sequence, Guid Id, string Type);

/// <summary>What one pass over the log read, in the order in which it was read.</summary>
/// <param name="Writers">Transactions that hold the lock on the event sequence, by virtual transaction id.</param>
/// <param name="InGaps">Events now visible in the gaps asked for, in order.</param>
/// <param name="Above">The lowest events above the number asked for, in order.</param>
readonly record struct ScannedPage(
    IReadOnlySet<string> Writers,
    IReadOnlyList<ScannedEvent> InGaps,
    IReadOnlyList<ScannedEvent> Above
);

/// <summary>
/// The relay's connection. Leadership is an advisory lock of its session and each pass runs over this very connection,
/// so a leader whose connection is gone notices at its next pass, and the server frees the lock when the session ends.
/// </summary>
sealed class RelayConnection : IAsyncDisposable
{
    /// <summary>Most events one pass reads.</summary>
    public const int PageSize = 1_000;

    readonly string schema;
    readonly NpgsqlConnection connection;

    RelayConnection(string schema, NpgsqlConnection connection) =>
        (this.schema, this.connection) = (schema, connection);

    /// <summary>The channel on which instances say what they have published.</summary>
    public static string Channel(string schema) => $"{schema}_relay";

    /// <summary>Opens it and listens to the other instances.</summary>
    /// <param name="notified">Called with what an instance says.</param>
    public static async Task<RelayConnection> Open(
        RelayDatabase database,
        Action<string> notified,
        CancellationToken cancellationToken
    )
    {
        var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        try
        {
            connection.Notification += (_, e) => notified(e.Payload);
            // Each statement of a pass must see what was committed before it began, whatever the server's default.
            await Execute(connection, "set default_transaction_isolation = 'read committed'", cancellationToken);
            await NoticeDeadPeer(connection, cancellationToken);
            await Execute(connection, $"listen \"{Channel(database.Schema)}\"", cancellationToken);
            return new RelayConnection(database.Schema, connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // The server ends the session of a host that vanished within some 4 seconds. Some platforms cannot do that; there
    // the lock is freed as late as their TCP notices.
    static async Task NoticeDeadPeer(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (
            var setting in (string[])
                [
                    "client_connection_check_interval = '1s'",
                    "tcp_keepalives_idle = 2",
                    "tcp_keepalives_interval = 1",
                    "tcp_keepalives_count = 2",
                ]
        )
            try
            {
                await Execute(connection, $"set {setting}", cancellationToken);
            }
            catch (PostgresException) { } // not to be had on this server
    }

    /// <summary>Tries to become the one instance that relays; true when it is, also when asked again.</summary>
    public async Task<bool> TryLead(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select pg_try_advisory_lock(hashtextextended(@name, 0))",
            connection
        );
        command.Parameters.AddWithValue("name", Channel(schema));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// The position to begin at. A store that Marten's daemon relayed goes on where that stopped. A position that the
    /// log has not reached, as after a restore of the events alone, is taken back to the end of the log.
    /// </summary>
    public async Task<long> ReadPosition(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            insert into {schema}.relay_cursor as cursor (name, position, moved_at)
            select 'relay', coalesce(max(last_seq_id), 0), clock_timestamp()
            from {schema}.mt_event_progression where name = 'relay:All'
            on conflict (name) do update
            set position = least(cursor.position, (select last_value from {schema}.mt_events_sequence))
            returning position
            """,
            connection
        );
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Moves the position forward, never back, and says that the loop is at work.</summary>
    public async Task SavePosition(long position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            update {schema}.relay_cursor set position = @position, moved_at = clock_timestamp()
            where name = 'relay' and position <= @position
            """,
            connection
        );
        command.Parameters.AddWithValue("position", position);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// One pass. The order of the three statements is what makes closing a gap safe: first who may still commit one of
    /// its numbers, then whether they are there.
    /// </summary>
    public async Task<ScannedPage> Read(
        IReadOnlyList<SequenceGap> gaps,
        long scanned,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(connection);
        if (gaps.Count > 0)
        {
            batch.BatchCommands.Add(Writers());
            batch.BatchCommands.Add(InGaps(gaps));
        }
        batch.BatchCommands.Add(Above(scanned, limit));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var (writers, inGaps) = (new HashSet<string>(), new List<ScannedEvent>());
        if (gaps.Count > 0)
        {
            while (await reader.ReadAsync(cancellationToken))
                writers.Add(reader.GetString(0));
            await reader.NextResultAsync(cancellationToken);
            inGaps = await Events(reader, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
        }
        return new(writers, inGaps, await Events(reader, cancellationToken));
    }

    /// <summary>Waits for a commit of this process, a word of another instance, or the end of the period.</summary>
    public async Task Wait(RelayWakeup wakeup, TimeSpan period, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = new[] { connection.WaitAsync(period, enough.Token), wakeup.Wait(enough.Token) };
        await Task.WhenAny(waits);
        await enough.CancelAsync();
        foreach (var wait in waits)
            try
            {
                await wait;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { } // the other came
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    NpgsqlBatchCommand Writers() =>
        new(
            $"""
            select virtualtransaction from pg_locks
            where locktype = 'relation' and relation = '{schema}.mt_events_sequence'::regclass
              and database = (select oid from pg_database where datname = current_database())
            """
        );

    NpgsqlBatchCommand InGaps(IReadOnlyList<SequenceGap> gaps) =>
        new(
            $"""
            select e.seq_id, e.id, e.type from unnest(@first, @last) as gap (first, last)
            join {schema}.mt_events e on e.seq_id between gap.first and gap.last order by e.seq_id
            """
        )
        {
            Parameters =
            {
                new("first", gaps.Select(x => x.First).ToArray()),
                new("last", gaps.Select(x => x.Last).ToArray()),
            },
        };

    NpgsqlBatchCommand Above(long scanned, int limit) =>
        new($"select seq_id, id, type from {schema}.mt_events where seq_id > @scanned order by seq_id limit @limit")
        {
            Parameters = { new("scanned", scanned), new("limit", limit) },
        };

    static async Task<List<ScannedEvent>> Events(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var events = new List<ScannedEvent>();
        while (await reader.ReadAsync(cancellationToken))
            events.Add(new(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2)));
        return events;
    }

    static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
