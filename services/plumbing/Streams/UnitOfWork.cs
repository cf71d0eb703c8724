using JasperFx.Events;
using Marten;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Streams;

/// <summary>One transaction over the streams of a batch of decisions.</summary>
sealed class UnitOfWork<TState>(
    IDocumentSession session,
    StreamDefinition<TState> definition,
    StateCache<TState> cache,
    TimerTable timers
)
    where TState : class
{
    /// <summary>The event header that carries the W3C trace context of whoever asked for the event.</summary>
    public const string TraceParentHeader = "traceparent";

    sealed class Writing(TState state, long version, bool fromCache)
    {
        public TState State = state;
        public long Version = version;
        public bool FromCache = fromCache;
        public readonly List<object> Pending = [];
    }

    // sorted: two instances lock streams in one order
    readonly SortedDictionary<string, Writing> streams = new(StringComparer.Ordinal);

    // Answers, refusals included, wait for the save: they may rest on events of this transaction.
    readonly List<Action> answers = [];

    public async Task Load(IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
            if (cache.Find(id) is var (state, version))
                streams[id] = new(state, version, fromCache: true);
        var cold = ids.Where(id => !streams.ContainsKey(id)).ToList();
        if (cold.Count == 0)
            return;
        var query = session.CreateBatchQuery();
        var pages = cold.Select(id => (id, page: query.Events.FetchStream(id))).ToList();
        await query.Execute();
        foreach (var (id, page) in pages)
        {
            streams[id] = new(definition.Seed, 0, fromCache: false);
            Advance(streams[id], await page);
        }
    }

    public async Task Decide(Decision<TState> decision)
    {
        if (decision.CancellationToken.IsCancellationRequested)
        {
            decision.Done.TrySetCanceled(decision.CancellationToken);
            return;
        }
        var stream = streams[decision.StreamId];
        var (events, refusal) = Try(decision, stream.State);
        // Appending checks the version; "nothing to do" and a refusal must not rest on a state another instance has
        // moved past.
        if (
            events.Count == 0
            && stream is { FromCache: true, Pending.Count: 0 }
            && await Refresh(decision.StreamId, stream)
        )
            (events, refusal) = Try(decision, stream.State);
        if (refusal is not null)
        {
            answers.Add(() => decision.Done.TrySetException(refusal));
            return;
        }
        foreach (var e in events)
            Append(stream, decision, e);
        if (events.Count > 0)
            decision.Alongside?.Invoke(session);
        var committed = new Committed<TState>(stream.State, events, stream.Version + stream.Pending.Count);
        answers.Add(() => decision.Done.TrySetResult(committed));
    }

    public async Task Save()
    {
        foreach (var (id, stream) in streams.Where(x => x.Value.Pending.Count > 0))
            session.Events.Append(id, stream.Version + stream.Pending.Count, stream.Pending);
        if (streams.Values.Any(x => x.Pending.Count > 0))
            await session.SaveChangesAsync();
        foreach (var (id, stream) in streams)
            cache.Keep(id, stream.State, stream.Version + stream.Pending.Count);
        foreach (var answer in answers)
            answer();
    }

    static (IReadOnlyList<object> Events, Exception? Refusal) Try(Decision<TState> decision, TState state)
    {
        try
        {
            return (decision.Decide(state), null);
        }
        catch (Exception e) // a refusal or a bug: either way its own caller hears of it, and only that one
        {
            return ([], e);
        }
    }

    void Append(Writing stream, Decision<TState> decision, object data)
    {
        stream.State = definition.Evolve(stream.State, data);
        var e = session.Events.BuildEvent(data);
        if (decision.TraceParent is { } parent)
            e.SetHeader(TraceParentHeader, parent);
        stream.Pending.Add(e);
        foreach (var change in definition.Timers(stream.State, data))
            timers.Queue(session, decision.StreamId, change);
    }

    async Task<bool> Refresh(string id, Writing stream)
    {
        stream.FromCache = false;
        var newer = await session.Events.FetchStreamAsync(id, fromVersion: stream.Version + 1);
        Advance(stream, newer);
        return newer.Count > 0;
    }

    void Advance(Writing stream, IReadOnlyList<IEvent> events)
    {
        foreach (var e in events)
            (stream.State, stream.Version) = (definition.Evolve(stream.State, e.Data), e.Version);
    }
}
