namespace Nightshift.Scheduler.Pools;

/// <summary>
/// Wakes this process's granter when a transaction of its own has requested slots or given some back, or a pool has
/// changed. However many do, one wake-up waits.
/// </summary>
public sealed class SlotSignal : IDisposable
{
    readonly SemaphoreSlim signal = new(0, 1);

    /// <summary>Wakes whoever waits, or the next one who does.</summary>
    public void Set()
    {
        try
        {
            if (signal.CurrentCount == 0)
                signal.Release();
        }
        catch (SemaphoreFullException) { } // another commit has just woken it: the same wake-up serves both
    }

    /// <summary>Waits for a wake-up, at most <paramref name="limit"/>.</summary>
    public Task Wait(TimeSpan limit, CancellationToken cancellationToken) => signal.WaitAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => signal.Dispose();
}
