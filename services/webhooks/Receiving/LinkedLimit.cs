namespace Nightshift.Webhooks.Receiving;

/// <summary>A token that ends with another one, or after a time.</summary>
sealed class LinkedLimit : IDisposable
{
    readonly CancellationTokenSource timer,
        either;

    public LinkedLimit(TimeSpan within, TimeProvider clock, CancellationToken cancellationToken)
    {
        timer = new(within, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
    }

    public CancellationToken Token => either.Token;

    /// <summary>True when the time is over.</summary>
    public bool IsOver => timer.IsCancellationRequested;

    public void Dispose()
    {
        either.Dispose();
        timer.Dispose();
    }
}
