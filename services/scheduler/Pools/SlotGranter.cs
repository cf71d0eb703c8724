using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Pools;

/// <summary>
/// Grants slots to waiting tasks and queues those. Runs in every instance; whichever commits a request, or gives slots
/// back, goes on at once. A grant is committed before the run hears of it, so that it survives whoever made it: one whose
/// task was not queued is taken up again by any instance, and the run's state decides whether it still means something.
/// </summary>
public sealed class SlotGranter(
    SlotGrants grants,
    SlotRequestTable requests,
    RunStore runs,
    SlotSignal signal,
    ILogger<SlotGranter> log,
    TimeProvider clock
) : BackgroundService
{
    /// <summary>
    /// How often it looks without a wake-up, for what a process left behind that died, and how long a granted task may
    /// take to be queued before another instance does it.
    /// </summary>
    public static readonly TimeSpan SafetyPeriod = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var looked = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await Grant(stoppingToken);
                if (clock.GetElapsedTime(looked) >= SafetyPeriod)
                {
                    await Queue(await requests.GrantedBefore(SafetyPeriod, stoppingToken), stoppingToken);
                    looked = clock.GetTimestamp();
                }
                await signal.Wait(SafetyPeriod, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
            catch (Exception e) // the database is away: say so and try again
            {
                Log.GrantingInterrupted(log, e);
                await Task.Delay(SafetyPeriod, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    async Task Grant(CancellationToken cancellationToken)
    {
        for (var more = true; more; )
        {
            (var granted, more) = await grants.Next(cancellationToken);
            await Queue(granted, cancellationToken);
        }
    }

    Task Queue(IReadOnlyList<SlotRequest> granted, CancellationToken cancellationToken) =>
        Task.WhenAll(granted.Select(x => Queue(x, cancellationToken)));

    // One that cannot be queued holds up no other, keeps its slots, and is tried again.
    async Task Queue(SlotRequest granted, CancellationToken cancellationToken)
    {
        try
        {
            var start = new StartScheduled(granted.Task, granted.Number, clock.GetUtcNow());
            await runs.Transact(
                RunStream.RunIdOf(granted.StreamId),
                (run, outputs) => RunDecider.Decide(run, start, outputs),
                cancellationToken
            );
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.GrantedNotQueued(log, e, granted.Task, RunStream.RunIdOf(granted.StreamId));
        }
    }
}
