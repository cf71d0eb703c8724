using Marten;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Deletes a DAG whose file is gone, with its runs. Attempts and logs are the executor's and go when they are old. One
/// that was broken off goes on when it is repeated.
/// </summary>
public sealed class DagDeletion(
    StreamStore<Dag> dags,
    IDocumentStore store,
    IEnumerable<IRetainedKind> kinds,
    RelayGap relay,
    DagFailures failures,
    TimeProvider clock
)
{
    /// <summary>Runs removed in a transaction.</summary>
    const int BatchSize = 100;

    /// <summary>How old a message may be that has not been published yet; what it is made of must not go.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    readonly RetainedStreams runs = kinds.OfType<RetainedStreams>().Single(x => x.Name == RunStream.Retention.Name);

    /// <summary>Deletes it.</summary>
    /// <exception cref="RejectedException"><c>unknown_dag</c>, <c>dag_live</c>; <c>dag_has_open_runs</c>;
    /// <c>dag_has_open_backfill</c>; <c>dag_busy</c>: what was begun goes on when it is asked for again.</exception>
    public async Task Delete(string dagId, string by, CancellationToken cancellationToken)
    {
        var delete = new DeleteDag(dagId, by, clock.GetUtcNow());
        DagDecider.Decide((await dags.Load(dagId, cancellationToken)).State, delete);
        await RequireNothingOpen(dagId, cancellationToken);
        if (await relay.OldestUnpublished(cancellationToken) > LongestWait)
            throw Busy(dagId, "messages wait for the broker");
        await dags.Transact(dagId, dag => DagDecider.Decide(dag, delete), cancellationToken);
        while (await Runs(dagId, cancellationToken) is { Count: > 0 } batch)
            if (await runs.RemoveEnded(batch, cancellationToken) == 0)
                throw Busy(dagId, "some of its runs are being changed");
        await failures.Forget(dagId, cancellationToken);
    }

    async Task RequireNothingOpen(string dagId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        string[] states = ["queued", "running"];
        var open = await session
            .Query<RunRow>()
            .Where(x => x.DagId == dagId && states.Contains(x.State))
            .OrderBy(x => x.QueuedAt)
            .Select(x => x.Id)
            .FirstOrDefaultAsync(cancellationToken);
        if (open is not null)
            throw new RejectedException(
                "dag_has_open_runs",
                $"DAG '{dagId}' has runs that have not ended, such as '{RunStream.RunIdOf(open)}'; wait, or cancel them"
            );
        var backfill = await session
            .Query<BackfillRow>()
            .FirstOrDefaultAsync(x => x.DagId == dagId && x.CompletedAt == null, cancellationToken);
        if (backfill is not null)
            throw new RejectedException(
                "dag_has_open_backfill",
                $"DAG '{dagId}' has backfill {backfill.BackfillId}, which has not ended; cancel it"
            );
    }

    async Task<IReadOnlyList<string>> Runs(string dagId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session
            .Query<RunRow>()
            .Where(x => x.DagId == dagId)
            .OrderBy(x => x.QueuedAt)
            .Take(BatchSize)
            .Select(x => x.Id)
            .ToListAsync(cancellationToken);
    }

    static RejectedException Busy(string dagId, string why) =>
        new("dag_busy", $"DAG '{dagId}' cannot be deleted now: {why}; ask again in a moment");
}
