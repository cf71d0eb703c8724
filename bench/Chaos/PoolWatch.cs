using Npgsql;

namespace Nightshift.Bench.Chaos;

/// <summary>More slots than a pool has were held.</summary>
sealed record PoolExcess(DateTimeOffset At, long Slots);

/// <summary>Counts the slots that are held, again and again: each count is one moment of the database.</summary>
sealed class PoolWatch(string postgres, TimeProvider clock)
{
    const string Held = """
        select coalesce(sum(slots), 0) from scheduler.slot_request where pool = $1 and state <> 'Waiting'
        """;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    readonly List<PoolExcess> excesses = [];

    /// <summary>What should not have been.</summary>
    public IReadOnlyList<PoolExcess> Excesses => excesses;

    /// <summary>Looks until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create($"{postgres};Pooling=false;Timeout=5");
        using var pulse = new PeriodicTimer(BetweenLooks, clock);
        while (await pulse.WaitForNextTickAsync(cancellationToken))
            try
            {
                await using var command = database.CreateCommand(Held);
                command.Parameters.Add(new() { Value = ChaosDags.Pool });
                var held = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
                if (held > ChaosDags.PoolSlots)
                    excesses.Add(new(clock.GetUtcNow(), held));
            }
            // it was killed, or is on its way down or up; anything else would leave the promise unchecked
            catch (NpgsqlException e) when (e is not PostgresException { SqlState: not ['5', '7', ..] }) { }
    }
}
