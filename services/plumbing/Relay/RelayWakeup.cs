namespace Nightshift.Plumbing.Relay;

/// <summary>Wakes the catch-up loop when this process commits. A signal that comes while it is busy is kept.</summary>
public sealed class RelayWakeup : IDisposable
{
    readonly SemaphoreSlim signal = new(0, 1);

    /// <summary>Something was committed.</summary>
    public void Signal()
    {
        if (signal.CurrentCount > 0)
            return;
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException) { } // another commit's signal is pending: one wake-up serves both
    }

    /// <summary>Waits for a signal.</summary>
    public Task Wait(CancellationToken cancellationToken) => signal.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => signal.Dispose();
}
