using MassTransit;
using Nightshift.Executor.Leases;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Reports again, each minute, which attempts run under this executor. A scheduler whose run goes on without one of
/// them answers with <see cref="Contracts.StopAttempt"/>, so that a command the broker has lost does not leave the
/// attempt to its time-out.
/// </summary>
public sealed class RunningAttemptReports(
    OpenAttempts open,
    ExecutorLease lease,
    AttemptStore attempts,
    StreamValueTable values,
    IBus bus,
    ILogger<RunningAttemptReports> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>How often.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryReport(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    /// <summary>Reports them once.</summary>
    public async Task Report(CancellationToken cancellationToken)
    {
        foreach (var granted in await open.Of(lease.ExecutorId, cancellationToken))
            if (
                await attempts.Load(granted.AttemptId, cancellationToken) is { Phase: AttemptPhase.Running } attempt
                && await AttemptMessages.Known(attempt, values, cancellationToken) is { } started
            )
                await bus.Publish(started, started.GetType(), cancellationToken);
    }

    // Database or broker are away: the next report tries again.
    async Task TryReport(CancellationToken cancellationToken)
    {
        try
        {
            await Report(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ReportFailed(log, e);
        }
    }
}
