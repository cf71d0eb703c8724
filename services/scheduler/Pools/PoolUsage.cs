namespace Nightshift.Scheduler.Pools;

/// <summary>Slots of one pool by what their tasks do.</summary>
/// <param name="Running">Of tasks that run.</param>
/// <param name="Queued">Of tasks that are queued, or about to be.</param>
/// <param name="Scheduled">That tasks wait for.</param>
public sealed record PoolUsage(int Running, int Queued, int Scheduled)
{
    /// <summary>Slots that are taken.</summary>
    public int Occupied => Running + Queued;

    /// <summary>Summed up.</summary>
    public static PoolUsage Of(IEnumerable<(SlotState State, int Slots)> requests)
    {
        var slots = requests.ToLookup(x => x.State, x => x.Slots);
        int Sum(params ReadOnlySpan<SlotState> states)
        {
            var sum = 0;
            foreach (var state in states)
                sum += slots[state].Sum();
            return sum;
        }
        return new(Sum(SlotState.Running), Sum(SlotState.Granted, SlotState.Queued), Sum(SlotState.Waiting));
    }

    /// <summary>Free slots of a pool of that size, as Airflow's API writes them: -1 for any number.</summary>
    public int OpenOf(int slots) => slots == SlotLedger.Unlimited ? slots : Math.Max(0, slots - Occupied);
}
