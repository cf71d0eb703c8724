using Nightshift.Plumbing.Timers;
using Nightshift.Webhooks.Deliveries;

namespace Nightshift.Webhooks.Matching;

/// <summary>Judges deliveries that waited for the first DAG.</summary>
public sealed class HeldDeliveries(DeliveryJudge judge) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => Delivery.Stream.Prefix;

    // The database keeps microseconds, events keep ticks: without it a timer could seem to fire before its time.
    static readonly TimeSpan Precision = TimeSpan.FromMilliseconds(1);

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken) =>
        judge.Judge(DeliveryKey.OfStream(timer.StreamId), timer.Now + Precision, cancellationToken);
}
