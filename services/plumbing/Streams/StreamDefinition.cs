using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Streams;

/// <summary>How one kind of stream is named, folded and timed.</summary>
public abstract record StreamDefinition(string Prefix, Type EventBase)
{
    /// <summary>The type of the state. It is written to JSON and read again: for snapshots and for replay.</summary>
    public abstract Type StateType { get; }

    /// <summary>The state before the first event.</summary>
    public abstract object SeedState { get; }

    /// <summary>The state after one more event. Never refuses: history has happened.</summary>
    public abstract object Fold(object state, object @event);

    /// <summary>The keys whose entries in the state's dictionaries an event may have changed; null when any.</summary>
    public abstract IReadOnlyCollection<string>? KeysChangedBy(object after, object @event);
}

/// <param name="Prefix">Start of every stream id of this kind, e.g. <c>run-</c>.</param>
/// <param name="EventBase">The abstract record all events of this kind derive from.</param>
/// <param name="Seed">The state before the first event.</param>
/// <param name="Evolve">The state after one more event.</param>
public sealed record StreamDefinition<TState>(
    string Prefix,
    Type EventBase,
    TState Seed,
    Func<TState, object, TState> Evolve
) : StreamDefinition(Prefix, EventBase)
    where TState : class
{
    /// <summary>
    /// Timers one event arms or disarms, given the state after it. Written in the event's own transaction.
    /// </summary>
    public Func<TState, object, IEnumerable<TimerChange>> Timers { get; init; } = static (_, _) => [];

    /// <summary>
    /// Rows of other tables that one event changes, given the states before and after it. Written in the event's own
    /// transaction, in the order of the events. By default none.
    /// </summary>
    public Func<TState, TState, object, IEnumerable<RowChange>> Rows { get; init; } = static (_, _, _) => [];

    /// <summary>
    /// Called when a transaction with an awaited change of such rows has committed; by default nothing.
    /// </summary>
    public Action RowsChanged { get; init; } = static () => { };

    /// <summary>
    /// Writes a log line about one event that was committed, by its stream's id without the prefix; by default none.
    /// Called in the scopes of whoever asked for it.
    /// </summary>
    public Action<ILogger, string, object> Log { get; init; } = static (_, _, _) => { };

    /// <summary>
    /// True for a state that is not expected to change any more: it leaves memory before others do. By default none.
    /// </summary>
    public Func<TState, bool> IsEnded { get; init; } = static _ => false;

    /// <summary>
    /// For states with large dictionaries: the keys whose entries an event may have changed in the dictionaries that
    /// are members of the state, given the state after it. A replay looks for changes there only. Null, the default,
    /// compares all.
    /// </summary>
    public Func<TState, object, IReadOnlyCollection<string>?> ChangedKeys { get; init; } = static (_, _) => null;

    /// <inheritdoc/>
    public override Type StateType => typeof(TState);

    /// <inheritdoc/>
    public override object SeedState => Seed;

    /// <inheritdoc/>
    public override object Fold(object state, object @event) => Evolve((TState)state, @event);

    /// <inheritdoc/>
    public override IReadOnlyCollection<string>? KeysChangedBy(object after, object @event) =>
        ChangedKeys((TState)after, @event);
}
