using Marten;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// What each DAG is now, from the row kept in the transaction of its events: starting a run costs the same however many
/// ticks the DAG has seen.
/// </summary>
public sealed class DagCatalog(IDocumentStore store)
{
    /// <summary>The DAG; <see cref="Dag.None"/> when there never was one.</summary>
    public async Task<Dag> Find(string dagId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<DagRow>(Dag.Stream.Prefix + dagId, cancellationToken) is { } row
            ? new(row.Spec, row.Version, row.File, row.Live, row.NextTick)
            : Dag.None;
    }
}
