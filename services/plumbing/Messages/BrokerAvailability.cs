namespace Nightshift.Plumbing.Messages;

/// <summary>
/// Tells when the broker answers again after an outage. What MassTransit sends during one waits for a delay of
/// MassTransit's own, which begins at three seconds and grows, whoever has connected meanwhile; who sends ends the
/// wait and sends again.
/// </summary>
public sealed class BrokerAvailability : IDisposable
{
    readonly Lock gate = new();
    CancellationTokenSource nextReturn = new();
    bool away;

    /// <summary>Cancelled when the broker answers again after the next outage, or after the present one.</summary>
    public CancellationToken NextReturn
    {
        get
        {
            lock (gate)
                return nextReturn.Token;
        }
    }

    /// <summary>The broker does not answer.</summary>
    public void IsAway()
    {
        lock (gate)
            away = true;
    }

    /// <summary>The broker answers.</summary>
    public void Answers()
    {
        CancellationTokenSource returned;
        lock (gate)
        {
            if (!away)
                return;
            (away, returned, nextReturn) = (false, nextReturn, new());
        }
        returned.Cancel(); // not disposed: who took its token may still link to it
    }

    /// <inheritdoc/>
    public void Dispose() => nextReturn.Dispose();
}
