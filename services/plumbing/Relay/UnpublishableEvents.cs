using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>A committed event whose messages can never be published as things are.</summary>
/// <param name="Sequence">Its number in the log.</param>
/// <param name="StreamId">Its stream.</param>
/// <param name="Type">The event type's name.</param>
/// <param name="Reason">What went wrong.</param>
/// <param name="GivenUpAt">When the relay gave up (UTC, database clock).</param>
public sealed record UnpublishableEvent(
    long Sequence,
    string? StreamId,
    string Type,
    string Reason,
    DateTimeOffset GivenUpAt
);

/// <summary>Events that can never be published: recorded for a person, so that they do not hold up others.</summary>
public sealed class UnpublishableEvents(string schema, NpgsqlDataSource database)
{
    /// <summary>Longest reason kept, in characters.</summary>
    const int MaxReason = 2_000;

    /// <summary>Records one; a repeat changes nothing.</summary>
    public async Task Add(long sequence, string reason, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            insert into {schema}.unpublishable_event (seq_id, stream_id, type, reason, given_up_at)
            select seq_id, stream_id, type, @reason, clock_timestamp() from {schema}.mt_events where seq_id = @sequence
            on conflict (seq_id) do nothing
            """
        );
        command.Parameters.AddWithValue("sequence", sequence);
        command.Parameters.AddWithValue("reason", Storable(reason));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The oldest ones.</summary>
    public Task<IReadOnlyList<UnpublishableEvent>> List(int limit, CancellationToken cancellationToken) =>
        Read("true", limit, before: null, cancellationToken);

    /// <summary>Those that were given up before an instant, the oldest ones first and at most 1,000.</summary>
    public Task<IReadOnlyList<UnpublishableEvent>> ListBefore(
        DateTimeOffset instant,
        CancellationToken cancellationToken
    ) => Read("given_up_at < @before", limit: 1_000, instant, cancellationToken);

    /// <summary>How many were given up before an instant.</summary>
    public async Task<long> CountBefore(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"select count(*) from {schema}.unpublishable_event where given_up_at < @before"
        );
        command.Parameters.AddWithValue("before", instant.ToUniversalTime());
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    async Task<IReadOnlyList<UnpublishableEvent>> Read(
        string condition,
        int limit,
        DateTimeOffset? before,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            $"""
            select seq_id, stream_id, type, reason, given_up_at
            from {schema}.unpublishable_event where {condition} order by seq_id limit @limit
            """
        );
        command.Parameters.AddWithValue("limit", limit);
        if (before is { } instant)
            command.Parameters.AddWithValue("before", instant.ToUniversalTime());
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<UnpublishableEvent>();
        while (await rows.ReadAsync(cancellationToken))
            events.Add(
                new(
                    rows.GetInt64(0),
                    rows.IsDBNull(1) ? null : rows.GetString(1),
                    rows.GetString(2),
                    rows.GetString(3),
                    rows.GetFieldValue<DateTimeOffset>(4)
                )
            );
        return events;
    }

    /// <summary>How many there are.</summary>
    public async Task<int> Count(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select count(*) from {schema}.unpublishable_event");
        return (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Forgets one; false when it is not there.</summary>
    public async Task<bool> Remove(long sequence, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"delete from {schema}.unpublishable_event where seq_id = @sequence"
        );
        command.Parameters.AddWithValue("sequence", sequence);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Whether the event is among them.</summary>
    public async Task<bool> Contains(long sequence, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"select exists(select from {schema}.unpublishable_event where seq_id = @sequence)"
        );
        command.Parameters.AddWithValue("sequence", sequence);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Forgets all of them, and says how many.</summary>
    public async Task<int> RemoveAll(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"delete from {schema}.unpublishable_event");
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // PostgreSQL keeps neither NUL nor half a surrogate pair.
    static string Storable(string text) =>
        string.Concat(text.EnumerateRunes().Where(x => x.Value != 0).Take(MaxReason).Select(x => x.ToString()));
}
