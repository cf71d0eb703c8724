using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Pools;

/// <summary>One pool, folded from its events.</summary>
/// <param name="Settings">Its values; null when there is no such pool.</param>
public sealed record Pool(PoolSettings? Settings)
{
    /// <summary>Before the first event.</summary>
    public static Pool None { get; } = new(Settings: null);

    /// <summary>How pool streams are named and folded, and the row that is kept of each pool.</summary>
    public static StreamDefinition<Pool> Stream { get; } =
        new("pool-", typeof(PoolEvent), None, Evolve) { Rows = static (_, _, e) => [PoolTable.Change(e)] };

    /// <summary>The state after one more event.</summary>
    public static Pool Evolve(Pool pool, object @event) =>
        @event switch
        {
            PoolSet x => new(new PoolSettings(x.Slots, x.Description, x.IncludeDeferred)),
            PoolDeleted => None,
            _ => pool,
        };
}

/// <summary>What can be set of a pool; as in <see cref="PoolSet"/>.</summary>
public sealed record PoolSettings(int Slots, string Description, bool IncludeDeferred)
{
    /// <summary>What the default pool begins with, Airflow's 128 slots.</summary>
    public static PoolSettings OfDefault { get; } = new(128, "Default pool", IncludeDeferred: false);
}
