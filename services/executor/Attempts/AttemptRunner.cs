using Microsoft.Extensions.Options;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Runs accepted attempts, as many at once as there are slots, and takes up what a process before it, or beside it,
/// left behind.
/// </summary>
public sealed class AttemptRunner(
    AttemptQueue queue,
    OpenAttempts open,
    AttemptLocks locks,
    AttemptExecution execution,
    OrphanedContainers leftovers,
    EngineGate gate,
    IOptions<ExecutorOptions> options,
    ILogger<AttemptRunner> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>
    /// How often open attempts nobody runs are looked for, of this engine and of engines that are gone. A safety net:
    /// what this process accepts reaches its queue at once.
    /// </summary>
    public static readonly TimeSpan RescuePeriod = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var engine = await gate.Open(stoppingToken);
            await Task.WhenAll([
                Rescue(engine.EngineId, stoppingToken),
                .. Enumerable.Range(0, options.Value.Slots).Select(_ => Work(stoppingToken)),
            ]);
        }
        // containers go on; the next process takes them over
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    async Task Work(CancellationToken cancellationToken)
    {
        await foreach (var attemptId in queue.Take(cancellationToken))
        {
            try
            {
                await gate.Usable(cancellationToken);
                if (!await locks.TryTake(attemptId, cancellationToken))
                    continue;
                try
                {
                    await execution.Run(attemptId, cancellationToken);
                }
                finally
                {
                    await locks.Release(attemptId);
                }
            }
            // still open: the rescue brings it back, to wait for the engine
            catch (EngineException e) when (e.Unreachable)
            {
                gate.Say(e.Message);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested) // likewise
            {
                Log.AttemptInterrupted(log, e, attemptId);
            }
            finally
            {
                queue.Done(attemptId);
            }
        }
    }

    async Task Rescue(string engineId, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RescuePeriod, clock);
        var arrivals = 0;
        do
        {
            try
            {
                if (gate.Problem is not null)
                    await gate.Look(cancellationToken);
                await locks.Serve(engineId, cancellationToken);
                foreach (var engine in (await open.All(cancellationToken)).GroupBy(x => x.Engine))
                    if (engine.Key == engineId)
                        foreach (var attempt in engine)
                            queue.Offer(attempt.AttemptId);
                    else if (await locks.IsUnserved(engine.Key, cancellationToken))
                        foreach (var attempt in engine)
                            await execution.GiveUp(attempt, cancellationToken);
                // an engine that was away may have kept what was to be removed
                if (gate.Arrivals is var now && now != arrivals)
                {
                    arrivals = now;
                    await leftovers.Remove(cancellationToken);
                }
            }
            // the database is away; so it is for everybody else
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                Log.RescueFailed(log, e);
            }
        } while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
