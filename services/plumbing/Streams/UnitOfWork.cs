using JasperFx.Events;
using Marten;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Plumbing.Streams;

/// <summary>One transaction over the streams of a batch of decisions.</summary>
sealed class UnitOfWork<TState>(
    IQuerySession session,
    StreamTransaction transaction,
    StreamDefinition<TState> definition,
    StateCache<TState> cache,
    SnapshotTable snapshots,
    TimerTable timers
)
    where TState : class
{
    /// <summary>The event header that carries the W3C trace context of whoever asked for the event.</summary>
    public const string TraceParentHeader = "traceparent";

    sealed class Writing(FoldedState<TState> folded, bool fromCache)
    {
        public FoldedState<TState> Folded = folded;
        public bool FromCache = fromCache;
        public readonly List<IEvent> Pending = [];
    }

    // sorted: two instances lock streams in one order
    readonly SortedDictionary<string, Writing> streams = new(StringComparer.Ordinal);

    // Answers, refusals included, wait for the save: they may rest on events of this transaction.
    readonly List<Action> answers = [];

    readonly List<RowChange> rows = [];
    readonly List<TimerChange> timerChanges = [];

    public async Task Load(IReadOnlyList<Decision<TState>> batch)
    {
        var cold = new List<string>();
        foreach (var decisions in batch.GroupBy(x => x.StreamId, StringComparer.Ordinal))
            if (cache.Find(decisions.Key) is { } folded)
                streams[decisions.Key] = new(folded, fromCache: true);
            else if (decisions.All(x => x.ExpectNew))
                streams[decisions.Key] = new(FoldedState<TState>.Seed(definition.Seed), fromCache: true);
            else
                cold.Add(decisions.Key);
        if (cold.Count == 0)
            return;
        var stored = await snapshots.Find(definition, cold, CancellationToken.None);
        var query = session.CreateBatchQuery();
        var pages = cold.Select(id =>
                (id, page: query.Events.FetchStream(id, fromVersion: StartOf(stored, id).Version + 1))
            )
            .ToList();
        await query.Execute();
        foreach (var (id, page) in pages)
        {
            streams[id] = new(StartOf(stored, id), fromCache: false);
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
        var (events, refusal) = Try(decision, stream.Folded.State);
        // Appending checks the version; "nothing to do" and a refusal must not rest on a state another instance has
        // moved past.
        if (
            events.Count == 0
            && stream is { FromCache: true, Pending.Count: 0 }
            && await Refresh(decision.StreamId, stream)
        )
            (events, refusal) = Try(decision, stream.Folded.State);
        if (refusal is not null)
        {
            answers.Add(() => decision.Done.TrySetException(refusal));
            return;
        }
        foreach (var e in events)
            Append(stream, decision, e);
        if (events.Count > 0 && decision.Alongside is { } alongside)
            rows.AddRange(alongside());
        var committed = new Committed<TState>(stream.Folded.State, events, stream.Folded.Version);
        answers.Add(() => decision.Done.TrySetResult(committed));
    }

    public async Task Save()
    {
        var awaited = rows.Any(x => x.IsAwaited);
        List<Append> appends = [.. streams.Where(x => x.Value.Pending.Count > 0).Select(x => Append(x.Key, x.Value))];
        if (appends.Count > 0)
            await transaction.Commit(appends, rows);
        timers.Committed(timerChanges);
        foreach (var (id, stream) in streams)
            cache.Keep(id, stream.Folded);
        foreach (var answer in answers)
            answer();
        if (awaited)
            definition.RowsChanged();
    }

    Append Append(string id, Writing stream)
    {
        var folded = stream.Folded;
        if (folded.SnapshotDue)
        {
            if (snapshots.Row(definition, id, folded.State, folded.Version) is { } row)
                rows.Add(row);
            stream.Folded = folded with { SnapshotVersion = folded.Version, BytesSinceSnapshot = 0 };
        }
        return new(id, folded.Version - stream.Pending.Count, stream.Pending);
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
        var before = stream.Folded.State;
        stream.Folded = stream.Folded.After(definition, data);
        var e = transaction.Build(data);
        if (decision.TraceParent is { } parent)
            e.SetHeader(TraceParentHeader, parent);
        stream.Pending.Add(e);
        foreach (var change in definition.Timers(stream.Folded.State, data))
        {
            timerChanges.Add(change);
            rows.Add(timers.Row(decision.StreamId, change));
        }
        rows.AddRange(definition.Rows(before, stream.Folded.State, data));
    }

    // Reads the event the state is at once more: a stream that was deleted meanwhile has none and begins anew.
    async Task<bool> Refresh(string id, Writing stream)
    {
        stream.FromCache = false;
        var known = stream.Folded.Version;
        var events = await session.Events.FetchStreamAsync(id, fromVersion: known);
        if (events.Count == 0 || events[0].Version != known)
        {
            stream.Folded = FoldedState<TState>.Seed(definition.Seed);
            Advance(stream, await session.Events.FetchStreamAsync(id));
            return true;
        }
        Advance(stream, events.Skip(1));
        return events.Count > 1;
    }

    FoldedState<TState> StartOf(IReadOnlyDictionary<string, Snapshot> stored, string id) =>
        stored.TryGetValue(id, out var snapshot)
            ? FoldedState<TState>.Of(snapshot)
            : FoldedState<TState>.Seed(definition.Seed);

    void Advance(Writing stream, IEnumerable<IEvent> events)
    {
        foreach (var e in events)
            stream.Folded = stream.Folded.After(definition, e.Data);
    }
}
