using Microsoft.Extensions.Options;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Leases;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// The executor's loop: renews its lease, takes up what dead executors left, claims what is ready while its engine has
/// free slots, and keeps one follower for each attempt that is granted to it. An executor whose loop does not get on
/// loses its lease, and with it its attempts.
/// </summary>
public sealed class AttemptRunner(
    AttemptClaims claims,
    OpenAttempts open,
    ExecutorLease lease,
    AttemptRecovery recovery,
    AttemptFollowers followers,
    OrphanedContainers orphans,
    ReadySignal ready,
    EngineGate gate,
    IOptions<ExecutorOptions> options,
    ILogger<AttemptRunner> log,
    TimeProvider clock
) : BackgroundService
{
    long? renewedAt;
    int arrivals;
    Task cleanup = Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var engine = (await gate.Claimed(stoppingToken)).EngineId;
            while (true)
            {
                await Round(engine, stoppingToken);
                await ready.Wait(LeaseTable.RenewalPeriod, stoppingToken);
            }
        }
        // containers go on; the next process takes them over
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
        finally
        {
            await Task.WhenAll(followers.Stopped(), cleanup).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await lease.Stop();
        }
    }

    async Task Round(string engine, CancellationToken cancellationToken)
    {
        try
        {
            if (renewedAt is not { } at || clock.GetElapsedTime(at) >= LeaseTable.RenewalPeriod)
                await Renew(engine, cancellationToken);
            RemoveOrphans(engine, cancellationToken);
            // What earlier attempts left on the engine goes before new ones come.
            if (gate.Problem is null && cleanup.IsCompleted && followers.Count < options.Value.Slots)
                await claims.Claim(engine, cancellationToken);
            followers.Follow(await open.Of(lease.ExecutorId, cancellationToken), engine, cancellationToken);
        }
        // the database is away; so it is for everybody else
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.RoundFailed(log, e);
        }
    }

    async Task Renew(string engine, CancellationToken cancellationToken)
    {
        var mayFence = await lease.Renew(engine, cancellationToken);
        renewedAt = clock.GetTimestamp();
        await recovery.TakeOver(engine, cancellationToken);
        if (mayFence)
            await recovery.Fence(engine, cancellationToken);
    }

    // Beside the loop: an engine that answers slowly must not cost the lease.
    void RemoveOrphans(string engine, CancellationToken cancellationToken)
    {
        if (gate.Arrivals == arrivals || !cleanup.IsCompleted)
            return;
        arrivals = gate.Arrivals;
        cleanup = Task.Run(
            async () =>
            {
                await orphans.Remove(engine, cancellationToken);
                ready.Set();
            },
            cancellationToken
        );
    }
}
