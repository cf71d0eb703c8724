using JasperFx.Events;
using Marten;
using Marten.Events.Archiving;
using Npgsql;

namespace Nightshift.Plumbing.Relay;

/// <summary>Reads whole events for the relay, archived ones included.</summary>
sealed class EventLog(IDocumentStore store, OutgoingMap map)
{
    /// <summary>The names of the event types that have messages, as stored with the events.</summary>
    public IReadOnlySet<string> MappedTypes { get; } =
        store
            .Options.Events.AllKnownEventTypes()
            .Where(x => map.EventTypes.Contains(x.EventType))
            .Select(x => x.EventTypeName)
            .ToHashSet();

    /// <summary>
    /// The events with these numbers. One that cannot be read comes as the reason and spoils no other.
    /// </summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<IReadOnlyList<(long Sequence, IEvent? Event, Exception? Unreadable)>> Load(
        IReadOnlyList<long> sequences,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var session = store.QuerySession();
            var events = await session
                .Events.QueryAllRawEvents()
                .Where(x => x.MaybeArchived() && sequences.Contains(x.Sequence))
                .ToListAsync(cancellationToken);
            return [.. events.Select(x => (x.Sequence, (IEvent?)x, (Exception?)null))];
        }
        catch (Exception e) when (!IsDatabase(e) && !cancellationToken.IsCancellationRequested)
        {
            if (sequences.Count == 1)
                return [(sequences[0], null, e)];
            var single = new List<(long, IEvent?, Exception?)>();
            foreach (var sequence in sequences)
                single.AddRange(await Load([sequence], cancellationToken));
            return single;
        }
    }

    static bool IsDatabase(Exception e) =>
        e is NpgsqlException or TimeoutException or IOException || e.InnerException is { } inner && IsDatabase(inner);
}
