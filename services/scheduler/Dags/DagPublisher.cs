using System.Collections.Concurrent;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Makes what a scan of the folder found the catalogue. The catalogue is read once per scan, and only a DAG that
/// differs from it costs a transaction: start-up does not depend on how long its streams are. Used by one scan at a
/// time, which may publish different DAGs side by side.
/// </summary>
public sealed class DagPublisher(
    DagCatalog catalog,
    StreamStore<Dag> dags,
    ILogger<DagPublisher> log,
    TimeProvider clock
)
{
    readonly ConcurrentDictionary<string, LiveDag> live = [];
    DagFileListing files = DagFileListing.None;

    /// <summary>Begins a scan that found these files.</summary>
    public async Task Begin(DagFileListing found, CancellationToken cancellationToken)
    {
        files = found;
        live.Clear();
        foreach (var dag in await catalog.Live(cancellationToken))
            live[dag.DagId] = dag;
    }

    /// <summary>Makes what a file says live. A file that has taken the place of one that is gone was moved.</summary>
    /// <exception cref="RejectedException">Another file defines this DAG, or its schedule has a fault.</exception>
    public async Task Publish(DagSpec spec, string file, CancellationToken cancellationToken)
    {
        var known = live.GetValueOrDefault(spec.DagId);
        var now = new LiveDag(Dag.Stream.Prefix + spec.DagId, spec.Version(), file);
        if (known == now)
            return;
        var movedFrom = known is null || files.MayHave(known.File) ? null : known.File;
        var publish = new PublishDag(spec, file, clock.GetUtcNow(), movedFrom);
        var committed = await dags.Transact(spec.DagId, dag => DagDecider.Decide(dag, publish), cancellationToken);
        live[spec.DagId] = now;
        if (committed.Events.Count > 0)
            Log.DagPublished(log, spec.DagId, now.Version, file);
    }

    /// <summary>A file defines one DAG: withdraws what it defined before.</summary>
    /// <returns>Whether there was any.</returns>
    public Task<bool> WithdrawOthers(string file, string dagId, CancellationToken cancellationToken) =>
        Withdraw(x => x.File == file && x.DagId != dagId, cancellationToken);

    /// <summary>Ends the scan: withdraws the DAGs whose files are gone and that no other file defines.</summary>
    public Task WithdrawMissing(CancellationToken cancellationToken) =>
        Withdraw(x => !files.MayHave(x.File), cancellationToken);

    async Task<bool> Withdraw(Func<LiveDag, bool> which, CancellationToken cancellationToken)
    {
        var gone = live.Values.Where(which).ToList();
        foreach (var dag in gone)
        {
            var withdraw = new WithdrawDag(dag.File, clock.GetUtcNow());
            await dags.Transact(dag.DagId, x => DagDecider.Decide(x, withdraw), cancellationToken);
            live.TryRemove(dag.DagId, out _);
            Log.DagWithdrawn(log, dag.DagId, dag.File);
        }
        return gone.Count > 0;
    }
}
