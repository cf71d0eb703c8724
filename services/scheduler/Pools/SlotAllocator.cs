namespace Nightshift.Scheduler.Pools;

/// <summary>Which of the waiting tasks get slots.</summary>
public static class SlotAllocator
{
    /// <summary>
    /// How long a task waits that needs more slots than are free, while tasks that need fewer take them. Then the pool
    /// keeps its free slots for it. Long enough that a pool is not left idle for each such task, short against the
    /// minutes that tasks run.
    /// </summary>
    public static readonly TimeSpan ReserveAfter = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Grants, in the order of <see cref="SlotRequest.Turn"/>, whatever has room. One that has none holds up no other,
    /// until it has waited for <see cref="ReserveAfter"/> for slots alone.
    /// </summary>
    /// <param name="ledger">What is taken; afterwards with what was granted.</param>
    /// <param name="waiting">The requests.</param>
    /// <param name="now">The present instant (UTC).</param>
    public static IReadOnlyList<SlotRequest> Grant(
        SlotLedger ledger,
        IEnumerable<SlotRequest> waiting,
        DateTimeOffset now
    )
    {
        var granted = new List<SlotRequest>();
        foreach (var request in InOrder(waiting))
            if (ledger.Obstacle(request) is null)
            {
                ledger.Take(request);
                granted.Add(request);
            }
            else if (ReservesPool(ledger, request, now))
                ledger.Reserve(request.Limits.Pool!);
        return granted;
    }

    /// <summary>The order in which requests are looked at.</summary>
    public static IEnumerable<SlotRequest> InOrder(IEnumerable<SlotRequest> waiting) =>
        waiting
            .OrderBy(x => x.Turn)
            .ThenByDescending(x => x.Priority)
            .ThenBy(x => x.StreamId, StringComparer.Ordinal)
            .ThenBy(x => x.Task, StringComparer.Ordinal);

    /// <summary>True when nothing but slots of its pool is missing, the pool is large enough, and it has waited for
    /// them long enough.</summary>
    public static bool ReservesPool(SlotLedger ledger, SlotRequest request, DateTimeOffset now) =>
        request.Limits.Pool is { } pool
        && ledger.SlotsOf(pool) >= request.Limits.Slots
        && now - request.RequestedAt >= ReserveAfter
        && ledger.RoomFor(request).All(x => x.Room > 0 || x.Scope.Kind is LimitKind.Pool);
}
