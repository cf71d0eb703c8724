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
    /// <summary>At most <paramref name="count"/> actions, newest first.</summary>
    public async Task<IReadOnlyList<RecentAction>> Latest(int count, CancellationToken cancellationToken)
    {
        if (words.EventTypes.Count == 0)
            return [];
        await using var session = store.QuerySession();
        var names = words
            .EventTypes.Select(x =>
                store.Options.Events.AllKnownEventTypes().First(y => y.EventType == x).EventTypeName
            )
            .ToArray();
        var events = await session
            .Events.QueryAllRawEvents()
            .Where(x => names.Contains(x.EventTypeName))
            .OrderByDescending(x => x.Sequence)
            .Take(count * 4)
            .ToListAsync(cancellationToken);
        return
        [
            .. events
                .Select(e => words.Of(e) is { } text ? new RecentAction(e.Timestamp, text) : null)
                .OfType<RecentAction>()
                .Take(count),
        ];
    }
}
