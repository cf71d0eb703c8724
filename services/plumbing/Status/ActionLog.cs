using JasperFx.Events;
using Marten;

namespace Nightshift.Plumbing.Status;

/// <summary>Which events count as actions, and how they read on the status page.</summary>
public sealed class ActionWords
{
    readonly Dictionary<Type, Func<IEvent, string?>> words = [];

    /// <summary>The event types that may be actions.</summary>
    public IReadOnlyCollection<Type> EventTypes => words.Keys;

    /// <summary>Describes one kind of event; null leaves it out.</summary>
    public ActionWords On<TEvent>(Func<IEvent<TEvent>, string?> describe)
        where TEvent : notnull
    {
        words.Add(typeof(TEvent), e => describe((IEvent<TEvent>)e));
        return this;
    }

    /// <summary>The words for one event, if it is an action.</summary>
    public string? Of(IEvent e) => words.TryGetValue(e.EventType, out var describe) ? describe(e) : null;
}

/// <summary>Reads the latest actions from the log, through the index over event types.</summary>
public sealed class ActionLog(IDocumentStore store, ActionWords words)
{
    /// <summary>Events read per action wanted: some of them have no words.</summary>
    const int Spare = 4;

    /// <summary>At most <paramref name="count"/> actions, newest first.</summary>
    public async Task<IReadOnlyList<RecentAction>> Latest(int count, CancellationToken cancellationToken)
    {
        if (words.EventTypes.Count == 0)
            return [];
        await using var session = store.QuerySession();
        var events = new List<IEvent>();
        foreach (var type in words.EventTypes)
            events.AddRange(await LatestOf(session, NameOf(type), count * Spare, cancellationToken));
        return
        [
            .. events
                .OrderByDescending(x => x.Sequence)
                .Select(e => words.Of(e) is { } text ? new RecentAction(e.Timestamp, text) : null)
                .OfType<RecentAction>()
                .Take(count),
        ];
    }

    // Each type by a query of its own: it reads the end of its part of the index, however long the log is.
    static Task<IReadOnlyList<IEvent>> LatestOf(
        IQuerySession session,
        string type,
        int count,
        CancellationToken cancellationToken
    ) =>
        session
            .Events.QueryAllRawEvents()
            .Where(x => x.EventTypeName == type)
            .OrderByDescending(x => x.Sequence)
            .Take(count)
            .ToListAsync(cancellationToken);

    string NameOf(Type type) => store.Options.Events.AllKnownEventTypes().First(x => x.EventType == type).EventTypeName;
}
