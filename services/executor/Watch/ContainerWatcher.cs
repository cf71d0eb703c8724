using System.Collections.Concurrent;
using System.Threading.Channels;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Watch;

/// <summary>
/// Follows the engine's events and inspects each watched container that something happened to. Events say when to
/// inspect and who asked for an end, never what is so: a doubled or late one does no harm. A missed one costs what only
/// events tell: an end whose request nobody heard of counts as a failure.
/// </summary>
public sealed class ContainerWatcher(
    IContainerEngine engine,
    EngineGate gate,
    ContainerSnapshots snapshots,
    ContainerEventLog events,
    ILogger<ContainerWatcher> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>How often all watched containers are inspected although no event came. A safety net.</summary>
    public static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(30);

    static readonly TimeSpan ReconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>Events asked for again on connecting: the engine's clock is not ours.</summary>
    static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    // also those that were removed while the engine could not be heard
    readonly ConcurrentDictionary<string, bool> seen = [];
    bool connected = true;

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
        var (listening, everything) = (Task.CompletedTask, Task.CompletedTask);
        try
        {
            var since = clock.GetUtcNow() - Overlap;
            // first: who stopped what while nobody listened
            foreach (var e in await engine.RecentEvents(HealLabel.Name, cancellationToken))
                events.Add(e);
            connected = true;
            listening = Listen(since, changed.Writer, end.Token);
            everything = Everything(changed.Writer, end.Token);
            await foreach (var container in changed.Reader.ReadAllAsync(cancellationToken))
            {
                seen[container] = true; // first, since the inspection may fail
                if (!await snapshots.Record(container, engineId, cancellationToken))
                    seen.TryRemove(container, out _);
            }
        }
        // the engine or the database is away; connecting again inspects everything
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (connected) // once: an engine that stays away must not fill the log
                Log.WatchInterrupted(log, e);
            connected = false;
            if (e is EngineException { Unreachable: true })
                gate.ReportUnreachable(e.Message); // this open connection is the first to hear of it
        }
        finally
        {
            await end.CancelAsync();
            // their failures came through the channel
            await Task.WhenAll(listening, everything).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Listen(DateTimeOffset since, ChannelWriter<string> changed, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Listen(HealLabel.Name, since, Handle, cancellationToken);
            changed.TryComplete(new EngineException("The Docker engine has closed its events", unreachable: true));
        }
        catch (Exception e) // goes to the reader
        {
            changed.TryComplete(e);
        }

        void Handle(EngineEvent e)
        {
            events.Add(e);
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
                    var container in seen.Keys.Union(await engine.List(HealLabel.Name, cancellationToken)).ToList()
                )
                    changed.TryWrite(container);
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception e) // goes to the reader
        {
            changed.TryComplete(e);
        }
    }
}
