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
