using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>How far the relay is behind the log.</summary>
public sealed class RelayGap(string schema, NpgsqlDataSource database)
{
    readonly string oldest = $"""
        select clock_timestamp() - e.timestamp from {schema}.mt_events e
        where e.seq_id > coalesce((select position from {schema}.relay_cursor where name = 'relay'), 0)
        order by e.seq_id limit 1
        """;

    readonly string standsStill = $"""
        select coalesce((select moved_at from {schema}.relay_cursor where name = 'relay'), '-infinity')
                < clock_timestamp() - @limit
            and coalesce((select e.timestamp from {schema}.mt_events e
                where e.seq_id > coalesce((select position from {schema}.relay_cursor where name = 'relay'), 0)
                order by e.seq_id limit 1) < clock_timestamp() - @limit, false)
        """;

    /// <summary>
    /// True when there are events above the position and no loop has said for this long that it is at work.
    /// </summary>
    public async Task<bool> StandsStill(TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(standsStill);
        command.Parameters.AddWithValue("limit", limit);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// The age of the oldest event above the relay's position, which moves at most once a second; zero when there is
    /// none.
    /// </summary>
    public async Task<TimeSpan> OldestUnpublished(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(oldest);
        return await command.ExecuteScalarAsync(cancellationToken) is TimeSpan age ? age : TimeSpan.Zero;
    }
}
