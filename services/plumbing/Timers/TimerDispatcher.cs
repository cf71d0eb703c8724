using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Timers;

/// <summary>
/// Hands due timers to their handlers. Runs in every instance; a row goes to one of them at a time. Sleeps until the
/// next timer is due and is woken by commits of this process.
/// </summary>
public sealed class TimerDispatcher(
    TimerTable timers,
    TimerSignal signal,
    IEnumerable<ITimerHandler> handlers,
    ILogger<TimerDispatcher> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>
    /// Longest sleep. A safety net for timers armed by an instance that died before it could fire them.
    /// </summary>
    public static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(2);

    const int ClaimAtMost = 100;
    readonly Dictionary<string, ITimerHandler> byPrefix = handlers.ToDictionary(x => x.Prefix);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var due = await timers.Claim(ClaimAtMost, stoppingToken);
                await Task.WhenAll(due.Select(x => Fire(x.Timer, x.Token, stoppingToken)));
                if (due.Count == 0)
                    await signal.Wait(await Pause(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the database is away: say so and try again
            {
                PlumbingLog.TimersUnavailable(log, e);
                await Task.Delay(SafetyPeriod, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task<TimeSpan> Pause(CancellationToken cancellationToken) =>
        await timers.UntilNext(cancellationToken) is { } wait && wait < SafetyPeriod
            ? wait > TimeSpan.Zero
                ? wait + TimeSpan.FromMilliseconds(1)
                : TimeSpan.FromMilliseconds(1) // waits count whole milliseconds: never wake just before
            : SafetyPeriod;

    async Task Fire(TimerDue timer, Guid token, CancellationToken cancellationToken)
    {
        try
        {
            await HandlerOf(timer).Fire(timer, cancellationToken);
            await timers.Settle(timer, token, cancellationToken);
        }
        catch (RejectedException e) // what it was for is gone; asking again would not bring it back
        {
            PlumbingLog.TimerRejected(log, timer.StreamId, timer.Purpose, e.Message);
            await timers.Settle(timer, token, cancellationToken);
        }
        catch (DiskFullException e)
        {
            // comes again when the lease ends
            PlumbingLog.TimerPostponed(log, timer.StreamId, timer.Purpose, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            PlumbingLog.TimerFailed(log, e, timer.StreamId, timer.Purpose); // comes again when the lease ends
        }
    }

    ITimerHandler HandlerOf(TimerDue timer) =>
        byPrefix.TryGetValue(timer.StreamId[..(timer.StreamId.IndexOf('-') + 1)], out var handler)
            ? handler
            : throw new InvalidOperationException($"No handler for timers of {timer.StreamId}");
}
