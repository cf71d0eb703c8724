using JasperFx.Events;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Relay;

/// <summary>One message an event gives rise to.</summary>
/// <param name="Message">A contract.</param>
/// <param name="Queue">The queue of a command; null publishes an event to whoever listens.</param>
public sealed record Outgoing(object Message, string? Queue = null);

/// <summary>
/// Which committed events are published to others, and as which messages. What is not mapped stays inside.
/// </summary>
public sealed class OutgoingMap
{
    readonly Dictionary<Type, Func<IEvent, CancellationToken, ValueTask<IEnumerable<Outgoing>>>> routes = [];

    /// <summary>The event types with a mapping.</summary>
    public IReadOnlyCollection<Type> EventTypes => routes.Keys;

    /// <summary>Publishes what <paramref name="map"/> makes of the event, if anything.</summary>
    public OutgoingMap Publish<TEvent>(Func<IEvent<TEvent>, object?> map)
        where TEvent : notnull => On<TEvent>(e => map(e) is { } message ? [new Outgoing(message)] : []);

    /// <summary>Publishes what <paramref name="map"/> makes of the event and of what is stored beside it.</summary>
    public OutgoingMap Publish<TEvent>(Func<IEvent<TEvent>, CancellationToken, ValueTask<object>> map)
        where TEvent : notnull => On<TEvent>(async (e, x) => new Outgoing(await map(e, x)));

    /// <summary>Sends what <paramref name="map"/> makes of the event.</summary>
    public OutgoingMap On<TEvent>(Func<IEvent<TEvent>, IEnumerable<Outgoing>> map)
        where TEvent : notnull
    {
        routes.Add(typeof(TEvent), (e, _) => ValueTask.FromResult(map((IEvent<TEvent>)e)));
        return this;
    }

    /// <summary>Sends what <paramref name="map"/> makes of the event and of what is stored beside it.</summary>
    public OutgoingMap On<TEvent>(Func<IEvent<TEvent>, CancellationToken, ValueTask<Outgoing>> map)
        where TEvent : notnull => On<TEvent>(async (e, x) => [await map(e, x)]);

    /// <inheritdoc cref="On{TEvent}(Func{IEvent{TEvent}, CancellationToken, ValueTask{Outgoing}})"/>
    public OutgoingMap On<TEvent>(Func<IEvent<TEvent>, CancellationToken, ValueTask<IEnumerable<Outgoing>>> map)
        where TEvent : notnull
    {
        routes.Add(typeof(TEvent), (e, x) => map((IEvent<TEvent>)e, x));
        return this;
    }

    /// <summary>The messages of one committed event, in order.</summary>
    /// <exception cref="MappingException">The mapping threw, and will throw again. When the database is away, its own
    /// exception is thrown.</exception>
    public async ValueTask<IReadOnlyList<Outgoing>> Of(IEvent e, CancellationToken cancellationToken)
    {
        if (!routes.TryGetValue(e.EventType, out var map))
            return [];
        try
        {
            return [.. await map(e, cancellationToken)];
        }
        catch (Exception cause)
            when (!DependencyFaults.IsTransient(cause) && !cancellationToken.IsCancellationRequested)
        {
            throw new MappingException(e.EventTypeName, cause);
        }
    }
}
