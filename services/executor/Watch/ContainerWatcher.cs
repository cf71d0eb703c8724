using System.Collections.Concurrent;
using System.Threading.Channels;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Watch;

/// <summary>
/// Hears what happens to watched containers and looks at each that something happened to. The engine's events say when
/// to look, never what is so: a missed, doubled or late one does no harm.
/// </summary>
public sealed class ContainerWatcher(
    IContainerEngine engine,
    EngineGate gate,
    ContainerSnapshots looks,
    ILogger<ContainerWatcher> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>How often all watched containers are looked at although nothing was heard. A safety net.</summary>
    public static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(30);

    static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>Events asked for again on connecting: the engine's clock is not ours.</summary>
    static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    // also those that were removed while the engine could not be heard
    readonly ConcurrentDictionary<string, bool> seen = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var info = await gate.Open(stoppingToken);
            while (true)
            {
                await Connection(info.EngineId, stoppingToken);
                await Task.Delay(ReconnectPause, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { } // told to stop
    }

    async Task Connection(string engineId, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = Channel.CreateUnbounded<string>(new() { SingleReader = true });
        var listening = Listen(changed.Writer, end.Token);
        var everything = Everything(changed.Writer, end.Token);
        try
        {
            await foreach (var container in changed.Reader.ReadAllAsync(cancellationToken))
            {
                seen[container] = true; // before the look, which may fail
                if (!await looks.Look(container, engineId, cancellationToken))
                    seen.TryRemove(container, out _);
            }
        }
        catch (EngineException e)
        {
            gate.ReportUnreachable(e.Message);
        }
        // the database is away; connecting again looks at everything
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.WatchInterrupted(log, e);
        }
        finally
        {
            await end.CancelAsync();
            // their failures came through the channel
            await Task.WhenAll(listening, everything).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Listen(ChannelWriter<string> changed, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Listen(ContainerSnapshots.Filter, clock.GetUtcNow() - Overlap, Hear, cancellationToken);
            changed.TryComplete(new EngineException("The Docker engine has closed its events", unreachable: true));
        }
        catch (Exception e) // the reader hears of it
        {
            changed.TryComplete(e);
        }

        void Hear(EngineEvent e)
        {
            if (
                e.Action is "start" or "die" or "destroy" or "rename"
                || e.Action.StartsWith("health_status", StringComparison.Ordinal)
            )
                changed.TryWrite(e.Container);
        }
    }

    async Task Everything(ChannelWriter<string> changed, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(SafetyPeriod, clock);
            do
            {
                foreach (
                    var container in seen
                        .Keys.Union(await engine.List(ContainerSnapshots.Filter, cancellationToken))
                        .ToList()
                )
                    changed.TryWrite(container);
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception e) // the reader hears of it
        {
            changed.TryComplete(e);
        }
    }
}
