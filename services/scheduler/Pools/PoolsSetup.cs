using Nightshift.Plumbing.Hosting;

namespace Nightshift.Scheduler.Pools;

/// <summary>Pools and limits, put together.</summary>
static class PoolsSetup
{
    /// <summary>Adds the tables, what grants slots, and what wakes it.</summary>
    public static void AddPools(this NightshiftService service, SlotSignal signal)
    {
        service.Store(x => x.Storage.ExtendedSchemaObjects.AddRange([PoolTable.Schema(), SlotRequestTable.Schema()]));
        service
            // by instance, so that it is not disposed of: a last commit may still set it
            .Services.AddSingleton(signal)
            .AddSingleton(PoolTable.Migration)
            .AddSingleton<PoolTable>()
            .AddSingleton<SlotRequestTable>()
            .AddSingleton<SlotGrants>();
        service.AddBackground<SlotGranter>();
    }
}
