namespace Nightshift.Plumbing.Streams;

/// <summary>Wakes one waiter. However often it is set meanwhile, one wake-up is kept.</summary>
public class WakeUp : IDisposable
{
    readonly SemaphoreSlim signal = new(0, 1);

    /// <summary>Wakes whoever waits, or the next one who does.</summary>
    public void Set()
    {
        if (signal.CurrentCount > 0)
            return;
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException) { } // somebody else has just set it: one wake-up serves both
    }

    /// <summary>Waits until it is set.</summary>
    public Task Wait(CancellationToken cancellationToken) => signal.WaitAsync(cancellationToken);

    /// <summary>The same, at most <paramref name="limit"/>: as where something may be missed.</summary>
    /// <returns>False when the time was up.</returns>
    public Task<bool> Wait(TimeSpan limit, CancellationToken cancellationToken) =>
        signal.WaitAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        signal.Dispose();
        GC.SuppressFinalize(this);
    }
}
