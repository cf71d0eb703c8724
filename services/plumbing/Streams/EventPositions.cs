using Npgsql;

namespace Nightshift.Plumbing.Streams;

/// <summary>Finds where in a service's event log an instant is. Sequence numbers rise with time, nearly.</summary>
public static class EventPositions
{
    /// <summary>The first position that is not before an instant; by halving, since events have no index over
    /// time.</summary>
    public static async Task<long> Of(
        DateTimeOffset instant,
        string schema,
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var newest = new NpgsqlCommand(
            $"select coalesce(max(seq_id), 0) + 1 from {schema}.mt_events",
            connection
        );
        var (low, high) = (0L, (long)(await newest.ExecuteScalarAsync(cancellationToken))!);
        await using var look = new NpgsqlCommand(
            $"select timestamp < @instant from {schema}.mt_events where seq_id >= @seq order by seq_id limit 1",
            connection
        );
        look.Parameters.AddWithValue("instant", instant.ToUniversalTime());
        var seq = look.Parameters.Add("seq", NpgsqlTypes.NpgsqlDbType.Bigint);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            seq.Value = middle;
            if (await look.ExecuteScalarAsync(cancellationToken) is true)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
