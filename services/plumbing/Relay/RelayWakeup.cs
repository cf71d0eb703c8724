using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Relay;

/// <summary>Wakes the catch-up loop when this process commits. A signal that comes while it is busy is kept.</summary>
public sealed class RelayWakeup : WakeUp;
