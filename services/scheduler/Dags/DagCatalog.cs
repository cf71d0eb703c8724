using Marten;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Dags;

/// <summary>What is live of a DAG, without the spec.</summary>
/// <param name="Id">The DAG's stream.</param>
/// <param name="Version">Its version.</param>
/// <param name="File">The file it came from.</param>
public sealed record LiveDag(string Id, string Version, string File)
{
    /// <summary>Its name.</summary>
    public string DagId => Id[Dag.Stream.Prefix.Length..];
}

/// <summary>
/// What each DAG is now, from the row kept in the transaction of its events: no stream is read, however long it is.
/// </summary>
public sealed class DagCatalog(IDocumentStore store)
{
    /// <summary>The DAG; <see cref="Dag.None"/> when there never was one.</summary>
    public async Task<Dag> Find(string dagId, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return Of(await session.LoadAsync<DagRow>(Dag.Stream.Prefix + dagId, cancellationToken));
    }

    /// <summary>The DAG of a stream and how far its schedule has come; null when it never had one.</summary>
    public async Task<(Dag Dag, TickCursor? Cursor)> FindScheduled(string stream, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        // the cursor first: when a version is published in between, it is old, and cannot be moved
        var cursor = await session.LoadAsync<TickCursor>(stream, cancellationToken);
        return (Of(await session.LoadAsync<DagRow>(stream, cancellationToken)), cursor);
    }

    /// <summary>All that are live, in one query.</summary>
    public async Task<IReadOnlyList<LiveDag>> Live(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session
            .Query<DagRow>()
            .Where(x => x.Live)
            .Select(x => new LiveDag(x.Id, x.Version, x.File))
            .ToListAsync(cancellationToken);
    }

    static Dag Of(DagRow? row) =>
        row is null or { Deleted: true }
            ? Dag.None
            : new(row.Spec, row.Version, row.File, row.Live, WithdrawnAt: null, ExplainedUntil: null)
            {
                IsPaused = row.IsPaused,
            };
}
