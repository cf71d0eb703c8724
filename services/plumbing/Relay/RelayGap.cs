using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>How far the relay is behind the log.</summary>
public sealed class RelayGap(string schema, NpgsqlDataSource database)
{
    /// <summary>The relay's name in the daemon's progress table.</summary>
    public const string SubscriptionName = "relay";

    readonly string oldest = $"""
        select clock_timestamp() - e.timestamp from {schema}.mt_events e
        where e.seq_id > coalesce((select last_seq_id from {schema}.mt_event_progression where name = '{SubscriptionName}:All'), 0)
        order by e.seq_id limit 1
        """;

    /// <summary>The age of the oldest event the relay has not passed; zero when there is none.</summary>
    public async Task<TimeSpan> OldestUntold(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(oldest);
        return await command.ExecuteScalarAsync(cancellationToken) is TimeSpan age ? age : TimeSpan.Zero;
    }
}
