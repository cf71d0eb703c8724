using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Timers;

/// <summary>Wakes this process's dispatcher when a timer was armed.</summary>
public sealed class TimerSignal : IDisposable
{
    readonly WakeUp armed = new();

    /// <summary>A transaction that armed a timer has committed.</summary>
    public void Set() => armed.Set();

    /// <summary>Waits for an armed timer, at most <paramref name="limit"/>.</summary>
    public Task Wait(TimeSpan limit, CancellationToken cancellationToken) => armed.Wait(limit, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => armed.Dispose();
}
