using JasperFx.Events.Daemon.HighWater;

namespace Nightshift.Plumbing.Relay;

/// <summary>
/// Wakes the daemon when this process commits. Under load wake-ups are spaced out: each one costs the daemon two
/// commits, and the fast path has told everybody already.
/// </summary>
public sealed class DaemonWakeup(TimeProvider clock) : IDaemonWakeup
{
    /// <summary>At most one wake-up per this period.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(250);

    readonly SemaphoreSlim signal = new(0, 1);
    long lastWake;

    /// <summary>Something was committed. A poke that comes while the daemon is busy is kept.</summary>
    public void Poke()
    {
        if (signal.CurrentCount > 0)
            return;
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException) { } // somebody else's poke is pending: one wake-up serves both
    }

    /// <inheritdoc/>
    public async Task WaitAsync(TimeSpan timeout, CancellationToken token)
    {
        if (!await signal.WaitAsync(timeout, token))
            return;
        var rest = Spacing - clock.GetElapsedTime(lastWake);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, clock, token);
        lastWake = clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Dispose() => signal.Dispose();
}
