using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Pools;

/// <summary>
/// Wakes this process's granter when a transaction of its own has requested slots or given some back, or a pool has
/// changed.
/// </summary>
public sealed class SlotSignal : WakeUp;
