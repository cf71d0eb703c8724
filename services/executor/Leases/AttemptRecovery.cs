using Nightshift.Executor.Attempts;

namespace Nightshift.Executor.Leases;

/// <summary>Deals with the attempts of executors that are gone.</summary>
public sealed class AttemptRecovery(
    ExecutorLease lease,
    LeaseTable leases,
    OpenAttempts open,
    AttemptStore attempts,
    ILogger<AttemptRecovery> log,
    TimeProvider clock
)
{
    /// <summary>
    /// Takes over what executors of this engine left. Their containers are here: each attempt goes on where it was.
    /// </summary>
    public async Task TakeOver(string engine, CancellationToken cancellationToken)
    {
        foreach (var executorId in await leases.Dead(lease.ExecutorId, engine, cancellationToken))
        foreach (var attempt in await open.Of(executorId, cancellationToken))
        {
            var grant = new GrantAttempt(new(attempt.Grant + 1, lease.ExecutorId, engine), clock.GetUtcNow());
            var (_, events, _) = await attempts.Transact(
                attempt.AttemptId,
                x => AttemptDecider.Decide(x, grant),
                cancellationToken
            );
            if (events.Count > 0)
                Log.AttemptTakenOver(log, attempt.AttemptId, executorId);
        }
        await leases.Sweep(cancellationToken);
    }

    /// <summary>
    /// Takes attempts from executors whose engine nobody serves any more: what had not begun waits again, the rest is
    /// lost.
    /// </summary>
    public async Task Fence(string engine, CancellationToken cancellationToken)
    {
        foreach (var attempt in await open.Unserved(engine, cancellationToken))
        {
            var fence = new FenceAttempt(
                attempt.Grant,
                $"The executor made no progress for {LeaseTable.Term.TotalSeconds:0} s, "
                    + $"and no other one serves its engine {attempt.Engine}",
                clock.GetUtcNow()
            );
            var (_, events, _) = await attempts.Transact(
                attempt.AttemptId,
                x => AttemptDecider.Decide(x, fence),
                cancellationToken
            );
            if (events.Count > 0)
                Log.AttemptFenced(log, attempt.AttemptId, attempt.Engine);
        }
    }
}
