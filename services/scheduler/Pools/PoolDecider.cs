using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Text;

namespace Nightshift.Scheduler.Pools;

/// <summary>Make a pool.</summary>
public sealed record CreatePool(string Name, PoolSettings Settings, string By, DateTimeOffset At);

/// <summary>Change a pool; what is null stays as it is.</summary>
public sealed record ChangePool(
    string Name,
    int? Slots,
    string? Description,
    bool? IncludeDeferred,
    string By,
    DateTimeOffset At
);

/// <summary>Remove a pool.</summary>
public sealed record DeletePool(string Name, string By, DateTimeOffset At);

/// <summary>The rules of pools.</summary>
public static class PoolDecider
{
    /// <summary>The largest pool that has a size.</summary>
    public const int MostSlots = 1_000_000;

    /// <summary>The longest description, in characters.</summary>
    public const int LongestDescription = 1000;

    /// <exception cref="RejectedException"><c>pool_exists</c>, <c>invalid_name</c>, <c>invalid_slots</c>,
    /// <c>invalid_description</c></exception>
    public static IReadOnlyList<PoolEvent> Decide(Pool pool, CreatePool create)
    {
        if (!PoolName.IsName(create.Name))
            throw new RejectedException(
                "invalid_name",
                $"'name' is '{Excerpt.Start(create.Name, 60)}'; write {PoolName.Rule}"
            );
        Check(create.Settings);
        return Present(pool, create.Name) is null
            ? [Set(create.Name, create.Settings, create.By, create.At)]
            : throw new RejectedException(
                "pool_exists",
                $"There is a pool '{create.Name}' already; change it with PATCH, or 'nightshift pools set'"
            );
    }

    /// <returns>No events when it has these values already.</returns>
    /// <exception cref="RejectedException"><c>unknown_pool</c>, <c>invalid_slots</c>,
    /// <c>invalid_description</c></exception>
    public static IReadOnlyList<PoolEvent> Decide(Pool pool, ChangePool change)
    {
        var present = Present(pool, change.Name) ?? throw Unknown(change.Name);
        var settings = new PoolSettings(
            change.Slots ?? present.Slots,
            change.Description ?? present.Description,
            change.IncludeDeferred ?? present.IncludeDeferred
        );
        Check(settings);
        return settings == present ? [] : [Set(change.Name, settings, change.By, change.At)];
    }

    /// <exception cref="RejectedException"><c>unknown_pool</c>, <c>default_pool</c></exception>
    public static IReadOnlyList<PoolEvent> Decide(Pool pool, DeletePool delete) =>
        delete.Name == PoolName.Default
            ? throw new RejectedException("default_pool", $"'{PoolName.Default}' cannot be deleted; change its slots")
        : Present(pool, delete.Name) is null ? throw Unknown(delete.Name)
        : [new PoolDeleted(delete.Name, delete.By, delete.At)];

    /// <summary>The refusal of a name that no pool has.</summary>
    public static RejectedException Unknown(string name) =>
        new("unknown_pool", $"There is no pool '{name}'; 'nightshift pools list' shows those there are");

    // The default pool is there before its first event.
    static PoolSettings? Present(Pool pool, string name) =>
        pool.Settings ?? (name == PoolName.Default ? PoolSettings.OfDefault : null);

    static PoolSet Set(string name, PoolSettings x, string by, DateTimeOffset at) =>
        new(name, x.Slots, x.Description, x.IncludeDeferred, by, at);

    static void Check(PoolSettings settings)
    {
        if (settings.Slots is < SlotLedger.Unlimited or > MostSlots)
            throw new RejectedException(
                "invalid_slots",
                $"'slots' is {settings.Slots}; give a number from 0 to {MostSlots}, or -1 for any number"
            );
        if (settings.Description.Length > LongestDescription)
            throw new RejectedException(
                "invalid_description",
                $"'description' has {settings.Description.Length} characters; give at most {LongestDescription}"
            );
    }
}
