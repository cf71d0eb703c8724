using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Npgsql;

namespace Nightshift.Plumbing.Streams;

/// <summary>Events for the end of one stream.</summary>
/// <param name="StreamId">The stream, with its prefix.</param>
/// <param name="Version">The version the stream must have before them; 0 for a stream that must not exist.</param>
/// <param name="Events">The events, in order.</param>
sealed record Append(string StreamId, long Version, IReadOnlyList<IEvent> Events);

/// <summary>
/// Commits events of several streams and changes of rows, all or nothing. Where no inline projection follows, that is
/// one batch of statements and one round trip to the database, with Marten's own function for the appends. A session of
/// Marten takes two round trips, and as much processor time as the database (docs/decisions/0029).
/// </summary>
public sealed class StreamTransaction
{
    readonly IDocumentStore store;
    readonly NpgsqlDataSource database;
    readonly IReadOnlyList<ICommitListener> listeners;
    readonly AppendStatement append;
    readonly HashSet<Type>? projected; // null: all

    /// <summary>For the streams of one store.</summary>
    public StreamTransaction(IDocumentStore store, NpgsqlDataSource database, IEnumerable<ICommitListener> listeners)
    {
        (this.store, this.database, this.listeners) = (store, database, [.. listeners]);
        append = new(store);
        projected = ProjectedEvents(store);
    }

    /// <summary>An event that can be appended.</summary>
    public IEvent Build(object data) => append.Build(data);

    /// <summary>Commits, then tells the listeners.</summary>
    /// <exception cref="PostgresException">Another writer was first, or a statement failed; nothing was written. Marten
    /// has exceptions of its own for some of that.</exception>
    internal Task Commit(IReadOnlyList<Append> appends, IReadOnlyList<RowChange> rows) =>
        projected is null || appends.Any(x => x.Events.Any(e => projected.Contains(e.EventType)))
            ? CommitWithProjections(appends, rows)
            : CommitAtOnce(appends, rows);

    async Task CommitWithProjections(IReadOnlyList<Append> appends, IReadOnlyList<RowChange> rows)
    {
        await using var session = store.LightweightSession();
        foreach (var (streamId, version, events) in appends)
            session.Events.Append(streamId, version + events.Count, events);
        foreach (var row in rows)
            session.QueueSqlCommand(row.Sql, [.. row.Values]);
        await session.SaveChangesAsync();
    }

    // Without a transaction of its own the batch is one: PostgreSQL commits at its end, or not at all.
    async Task CommitAtOnce(IReadOnlyList<Append> appends, IReadOnlyList<RowChange> rows)
    {
        await using var batch = database.CreateBatch();
        foreach (var x in appends)
            batch.BatchCommands.Add(append.For(x));
        foreach (var row in rows)
            batch.BatchCommands.Add(row.ToCommand());
        await batch.ExecuteNonQueryAsync();
        IReadOnlyList<IEvent> events = [.. appends.SelectMany(x => x.Events)];
        foreach (var listener in listeners)
            listener.Committed(events);
    }

    // A projection that names no events looks at all of them.
    static HashSet<Type>? ProjectedEvents(IDocumentStore store)
    {
        var inline = ((StoreOptions)store.Options)
            .Projections.All.Where(x => x.Lifecycle is ProjectionLifecycle.Inline)
            .Select(x => ((ProjectionBase)x).IncludedEventTypes)
            .ToList();
        return inline.Any(x => x.Count == 0) ? null : [.. inline.SelectMany(x => x)];
    }
}
