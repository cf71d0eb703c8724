namespace Nightshift.Scheduler.Pools;

/// <summary>What is limited, and how much of it is taken.</summary>
/// <param name="pools">Slots by pool; -1 for any number.</param>
/// <param name="used">What is taken already.</param>
public sealed class SlotLedger(IReadOnlyDictionary<string, int> pools, IReadOnlyDictionary<LimitScope, int> used)
{
    /// <summary>The slots of a pool without a limit, as Airflow writes it.</summary>
    public const int Unlimited = -1;

    readonly Dictionary<LimitScope, int> used = new(used);
    readonly HashSet<string> reserved = [];

    /// <summary>With what these requests hold.</summary>
    public static SlotLedger Of(IReadOnlyDictionary<string, int> pools, IEnumerable<SlotRequest> requests) =>
        new(
            pools,
            requests
                .Where(x => x.Holds)
                .SelectMany(x => x.Needs())
                .GroupBy(x => x.Scope, x => x.Slots)
                .ToDictionary(x => x.Key, x => x.Sum())
        );

    /// <summary>How much of it is taken.</summary>
    public int Used(LimitScope scope) => used.GetValueOrDefault(scope);

    /// <summary>Slots of a pool in all; null when there is no such pool.</summary>
    public int? SlotsOf(string pool) =>
        !pools.TryGetValue(pool, out var slots) ? null
        : slots == Unlimited ? int.MaxValue
        : slots;

    /// <summary>How many requests like this one could be granted now, by each thing that limits it.</summary>
    public IEnumerable<(LimitScope Scope, int Room)> RoomFor(SlotRequest request) =>
        request.Needs().Select(x => (x.Scope, Math.Max(0, Free(x.Scope, x.Limit) / x.Slots)));

    /// <summary>The first thing that has no room for the request; null when it can be granted.</summary>
    public LimitScope? Obstacle(SlotRequest request)
    {
        foreach (var (scope, room) in RoomFor(request))
            if (room == 0)
                return scope;
        return null;
    }

    /// <summary>Takes what the request needs.</summary>
    public void Take(SlotRequest request)
    {
        foreach (var (scope, slots, _) in request.Needs())
            used[scope] = Used(scope) + slots;
    }

    /// <summary>Keeps what is free of a pool for a request that needs more.</summary>
    public void Reserve(string pool) => reserved.Add(pool);

    int Free(LimitScope scope, int? limit) =>
        scope.Kind is not LimitKind.Pool ? limit!.Value - Used(scope)
        : reserved.Contains(scope.Of) ? 0
        : (SlotsOf(scope.Of) ?? 0) - Used(scope);
}
