using System.Text.Json.Serialization;

namespace Nightshift.Scheduler.Pools;

/// <summary>Makes a pool; names are Airflow's.</summary>
/// <param name="Name">Its name, as <see cref="PoolName.Rule"/> says.</param>
/// <param name="Slots">0 to 1000000, or -1 for any number.</param>
/// <param name="Description">For people; null for none.</param>
/// <param name="IncludeDeferred">Kept and answered; nothing is deferred here.</param>
sealed record PoolRequest(
    string? Name,
    int? Slots,
    string? Description,
    [property: JsonPropertyName("include_deferred")] bool? IncludeDeferred
);

/// <summary>Changes a pool; what is null stays as it is.</summary>
/// <param name="Name">The pool's name, or null: it cannot be changed. Airflow's clients send it as <c>pool</c>.</param>
/// <param name="Pool">The same.</param>
/// <param name="Slots">0 to 1000000, or -1 for any number.</param>
/// <param name="Description">For people.</param>
/// <param name="IncludeDeferred">Kept and answered; nothing is deferred here.</param>
sealed record PoolPatch(
    string? Name,
    string? Pool,
    int? Slots,
    string? Description,
    [property: JsonPropertyName("include_deferred")] bool? IncludeDeferred
);

/// <summary>A pool and how much of it is taken. <paramref name="Slots"/> and <paramref name="OpenSlots"/> are -1 without a
/// limit; the open ones are 0 when a pool was made smaller than what it holds.</summary>
/// <param name="Name">The pool.</param>
/// <param name="Slots">Slots in all.</param>
/// <param name="Description">For people.</param>
/// <param name="IncludeDeferred">As it was set.</param>
/// <param name="OccupiedSlots">Taken by tasks that are queued or running.</param>
/// <param name="RunningSlots">Taken by tasks that run.</param>
/// <param name="QueuedSlots">Taken by tasks that are queued.</param>
/// <param name="ScheduledSlots">What tasks wait for.</param>
/// <param name="DeferredSlots">Always 0.</param>
/// <param name="OpenSlots">Free.</param>
sealed record PoolBody(
    string Name,
    int Slots,
    string Description,
    bool IncludeDeferred,
    int OccupiedSlots,
    int RunningSlots,
    int QueuedSlots,
    int ScheduledSlots,
    int DeferredSlots,
    int OpenSlots
)
{
    public static PoolBody Of(string name, PoolSettings settings, PoolUsage usage) =>
        new(
            name,
            settings.Slots,
            settings.Description,
            settings.IncludeDeferred,
            usage.Occupied,
            usage.Running,
            usage.Queued,
            usage.Scheduled,
            DeferredSlots: 0,
            usage.OpenOf(settings.Slots)
        );
}

/// <summary>A page of pools.</summary>
sealed record PoolCollection(IReadOnlyList<PoolBody> Pools, int TotalEntries);
