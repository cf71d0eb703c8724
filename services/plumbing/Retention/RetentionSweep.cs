using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Retention;

/// <summary>
/// Removes what is older than its period, each hour and when asked to. Runs in every instance: they pass over what
/// another is removing.
/// </summary>
public sealed class RetentionSweep(
    IEnumerable<IRetainedKind> kinds,
    RelayGap relay,
    ILogger<RetentionSweep> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan SweepPeriod = TimeSpan.FromHours(1);

    /// <summary>How long a service that has just started is left alone.</summary>
    public static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(5);

    readonly WakeUp asked = new();

    /// <summary>The kinds of this service.</summary>
    public IReadOnlyList<IRetainedKind> Kinds { get; } = [.. kinds];

    /// <summary>
    /// The instant before which a kind's things must have ended to go; null when it is kept for ever.
    /// </summary>
    public DateTimeOffset? Before(IRetainedKind kind) =>
        kind.Period == TimeSpan.Zero ? null : clock.GetUtcNow() - kind.Period;

    /// <summary>Sweeps soon.</summary>
    public void Ask() => asked.Set();

    /// <inheritdoc/>
    public override void Dispose()
    {
        asked.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var wait = FirstAfter; ; wait = SweepPeriod)
            {
                await Pause(wait, stoppingToken);
                foreach (var kind in Kinds)
                    await Sweep(kind, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    async Task Pause(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(wait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await asked.Wait(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { } // it is time
    }

    async Task Sweep(IRetainedKind kind, CancellationToken cancellationToken)
    {
        if (Before(kind) is not { } before)
            return;
        try
        {
            // what has not been published yet must not be removed
            if (await relay.OldestUnpublished(cancellationToken) >= kind.Period)
                PlumbingLog.RetentionWaits(log, kind.Name);
            else if (await kind.RemoveExpired(before, cancellationToken) is > 0 and var count)
                PlumbingLog.Removed(log, count, kind.Name, before);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested) // the next sweep goes on from here
        {
            PlumbingLog.RetentionFailed(log, e, kind.Name);
        }
    }
}
