using Marten;
using Nightshift.Plumbing.Streams;
using Npgsql;

namespace Nightshift.Plumbing.Retention;

/// <summary>Rows that belong to a stream and go with it.</summary>
/// <param name="Table">The table, without its schema.</param>
/// <param name="Column">Its column with the stream's id.</param>
/// <param name="WithPrefix">False when that id is without the stream's prefix.</param>
public sealed record StreamRows(string Table, string Column, bool WithPrefix = true);

/// <summary>Which streams are removed, whole and with all that belongs to them.</summary>
/// <param name="Name">What they are called: <c>runs</c>.</param>
/// <param name="Prefix">The start of their ids.</param>
/// <param name="Period">How long they are kept.</param>
/// <param name="EndedBy">Events that end a stream. One whose last event is another is open, and stays.</param>
/// <param name="Rows">What goes with them, beside timers, snapshots and values.</param>
public sealed record StreamRetention(
    string Name,
    string Prefix,
    RetentionPeriod Period,
    IReadOnlyList<Type> EndedBy,
    params IReadOnlyList<StreamRows> Rows
)
{
    /// <summary>A further condition in SQL on <c>ended.stream_id</c>; null for none.</summary>
    public string? Condition { get; init; }
}

/// <summary>
/// Removes ended streams, oldest first: events, snapshot, values, timers and rows in one transaction, which also
/// records what
/// was removed (<see cref="RetentionTable"/>).
/// </summary>
public sealed class RetainedStreams(
    StreamRetention what,
    TimeSpan period,
    string schema,
    IDocumentStore store,
    NpgsqlDataSource database,
    TimeProvider clock
) : IRetainedKind
{
    /// <summary>Streams in a transaction. Small, so that others do not wait for its locks.</summary>
    const int BatchSize = 100;

    // The last event is of a type that ends a stream, and old. Sequence numbers rise with time, so that the index over
    // types has what is expired at its beginning.
    string Expired =>
        $"""
            from {schema}.mt_events ended join {schema}.mt_streams stream
              on stream.id = ended.stream_id and stream.version = ended.version
            where ended.type = @type and ended.seq_id > @after and ended.seq_id < @end
              and ended.timestamp < @before and starts_with(ended.stream_id, @prefix) and {what.Condition ?? "true"}
            """;

    /// <inheritdoc/>
    public string Name => what.Name;

    /// <inheritdoc/>
    public string Setting => what.Period.Setting;

    /// <inheritdoc/>
    public string Unit => "streams";

    /// <inheritdoc/>
    public TimeSpan Period => period;

    /// <inheritdoc/>
    public async Task<long> CountExpired(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (end, count) = (await EventPositions.Of(before, schema, connection, cancellationToken), 0L);
        foreach (var type in Types)
        {
            await using var command = new NpgsqlCommand($"select count(*) {Expired}", connection);
            AddScope(command, type, after: 0, end, before);
            count += (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        return count;
    }

    /// <inheritdoc/>
    public async Task<long> RemoveExpired(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (end, removed) = (await EventPositions.Of(before, schema, connection, cancellationToken), 0L);
        foreach (var type in Types)
            for (var position = 0L; position < end; )
            {
                var began = clock.GetTimestamp();
                (position, var count) = await RemoveBatch(connection, type, position, end, before, cancellationToken);
                removed += count;
                // as long again for everybody else
                await Task.Delay(clock.GetElapsedTime(began), clock, cancellationToken);
            }
        return removed;
    }

    /// <summary>Removes those of some streams that have ended, whatever their age and the further condition.</summary>
    /// <param name="streamIds">Their ids; a few hundred at most, since they go in one transaction.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many; a stream that is being changed at the moment stays.</returns>
    public async Task<int> RemoveEnded(IReadOnlyList<string> streamIds, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ended = new List<string>();
        await using (
            var select = new NpgsqlCommand(
                $"""
                select stream.id from {schema}.mt_streams stream join {schema}.mt_events ended
                  on ended.stream_id = stream.id and ended.version = stream.version
                where stream.id = any(@ids) and starts_with(stream.id, @prefix) and ended.type = any(@types)
                for update of stream skip locked
                """,
                connection
            )
        )
        {
            select.Parameters.AddWithValue("ids", streamIds.ToArray());
            select.Parameters.AddWithValue("prefix", what.Prefix);
            select.Parameters.AddWithValue("types", Types.ToArray());
            await using var rows = await select.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
                ended.Add(rows.GetString(0));
        }
        if (ended.Count > 0)
            await Remove(connection, [.. ended], clock.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ended.Count;
    }

    IEnumerable<string> Types =>
        what.EndedBy.Select(type =>
            store.Options.Events.AllKnownEventTypes().First(x => x.EventType == type).EventTypeName
        );

    async Task<(long Position, long Removed)> RemoveBatch(
        NpgsqlConnection connection,
        string type,
        long after,
        long end,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (ids, position) = (new List<string>(), end);
        await using (
            var select = new NpgsqlCommand(
                $"""
                select ended.stream_id, ended.seq_id {Expired}
                order by ended.seq_id limit {BatchSize} for update of stream skip locked
                """,
                connection
            )
        )
        {
            AddScope(select, type, after, end, before);
            await using var rows = await select.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                ids.Add(rows.GetString(0));
                position = rows.GetInt64(1);
            }
        }
        if (ids.Count > 0)
            await Remove(connection, [.. ids], before, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (ids.Count < BatchSize ? end : position, ids.Count);
    }

    async Task Remove(
        NpgsqlConnection connection,
        string[] ids,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await new RetentionTable(schema).RemoveEvents(connection, what.Name, ids, before, cancellationToken);
        StreamRows[] rows = [.. what.Rows, .. OfEveryStream];
        var bare = ids.Select(x => x[what.Prefix.Length..]).ToArray();
        foreach (var (table, column, withPrefix) in rows)
        {
            await using var delete = new NpgsqlCommand(
                $"delete from {schema}.{table} where {column} = any(@ids)",
                connection
            );
            delete.Parameters.AddWithValue("ids", withPrefix ? ids : bare);
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    static readonly StreamRows[] OfEveryStream =
    [
        new("stream_snapshot", "stream_id"),
        new(StreamValueTable.Name, "stream_id"),
        new("timer", "stream_id"),
        new("mt_streams", "id"),
    ];

    void AddScope(NpgsqlCommand command, string type, long after, long end, DateTimeOffset before)
    {
        command.Parameters.AddWithValue("type", type);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("end", end);
        command.Parameters.AddWithValue("before", before.ToUniversalTime());
        command.Parameters.AddWithValue("prefix", what.Prefix);
    }
}
