using System.Diagnostics;
using System.Threading.Channels;
using JasperFx;
using Marten;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Timers;
using Npgsql;

namespace Nightshift.Plumbing.Streams;

/// <summary>What a decision came to.</summary>
/// <param name="State">The state after <paramref name="Events"/>.</param>
/// <param name="Events">What was appended; empty when the stream already said so.</param>
/// <param name="Version">The stream's version after it.</param>
public sealed record Committed<TState>(TState State, IReadOnlyList<object> Events, long Version);

/// <summary>
/// Decides on the streams of one kind and appends what was decided. Decisions that arrive while a transaction is under
/// way are collected and committed together in the next one: alone, a decision pays one commit; under load many share
/// it, and nothing waits on a clock. Folded states are kept in memory and checked by version, so the cost of an event
/// does not grow with its stream.
/// </summary>
public sealed class StreamStore<TState> : IAsyncDisposable
    where TState : class
{
    const int MaxBatch = 100;
    const int MaxDecisions = 12;

    readonly IDocumentStore store;
    readonly StreamTransaction transaction;
    readonly StreamDefinition<TState> definition;
    readonly TimerTable timers;
    readonly ILogger<StreamStore<TState>> log;
    readonly SnapshotTable snapshots;
    readonly StateCache<TState> cache;
    readonly Channel<Decision<TState>> queue = Channel.CreateUnbounded<Decision<TState>>(new() { SingleReader = true });
    readonly Task lane;

    /// <summary>Starts the lane; it ends when the store is disposed.</summary>
    public StreamStore(
        IDocumentStore store,
        StreamTransaction transaction,
        StreamDefinition<TState> definition,
        TimerTable timers,
        SnapshotTable snapshots,
        IOptions<NightshiftOptions> options,
        ILogger<StreamStore<TState>> log
    )
    {
        (this.store, this.transaction, this.definition, this.timers) = (store, transaction, definition, timers);
        (this.snapshots, this.log) = (snapshots, log);
        cache = new(options.Value.StateMemoryMiB * 1024L * 1024, definition.IsEnded);
        lane = Task.Run(Drain);
    }

    /// <summary>Loads, decides, appends; decides again on the newer state when another writer was first.</summary>
    /// <param name="id">The stream's id without its prefix.</param>
    /// <param name="decide">Pure; may be called several times. No events means "already so".</param>
    /// <param name="cancellationToken">Gives up a decision whose turn has not come; once it is being decided, its
    /// outcome is waited for.</param>
    /// <param name="alongside">Further rows for the same transaction, only when there are events.</param>
    /// <param name="expectNew">The stream hardly ever exists yet: it is not looked for. When it does exist the append
    /// fails, and the decision is taken again on what is there. Saves two queries.</param>
    /// <exception cref="RejectedException">The decider refused; nothing was written.</exception>
    public async Task<Committed<TState>> Transact(
        string id,
        Func<TState, IReadOnlyList<object>> decide,
        CancellationToken cancellationToken,
        Func<IEnumerable<RowChange>>? alongside = null,
        bool expectNew = false
    )
    {
        var decision = new Decision<TState>(
            definition.Prefix + id,
            decide,
            alongside,
            Activity.Current?.Id,
            expectNew,
            cancellationToken
        );
        await queue.Writer.WriteAsync(decision, cancellationToken);
        var committed = await decision.Done.Task;
        foreach (var e in committed.Events)
            definition.Log(log, id, e);
        return committed;
    }

    /// <summary>
    /// The state as the database has it now, with its version; the seed and 0 for a stream that does not exist.
    /// </summary>
    public async Task<(TState State, long Version)> Load(string id, CancellationToken cancellationToken)
    {
        var streamId = definition.Prefix + id;
        var stored = await snapshots.Find(definition, [streamId], cancellationToken);
        var (state, version) = stored.TryGetValue(streamId, out var snapshot)
            ? ((TState)snapshot.State, snapshot.Version)
            : (definition.Seed, 0);
        await using var session = store.QuerySession();
        foreach (
            var e in await session.Events.FetchStreamAsync(streamId, fromVersion: version + 1, token: cancellationToken)
        )
            (state, version) = (definition.Evolve(state, e.Data), e.Version);
        return (state, version);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await lane;
    }

    async Task Drain()
    {
        while (await queue.Reader.WaitToReadAsync())
        {
            var batch = new List<Decision<TState>>();
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var decision))
                batch.Add(decision);
            await Commit(batch);
        }
    }

    async Task Commit(IReadOnlyList<Decision<TState>> batch)
    {
        try
        {
            await using var session = store.QuerySession();
            var work = new UnitOfWork<TState>(session, transaction, definition, cache, snapshots, timers);
            await work.Load(batch);
            foreach (var decision in batch)
                await work.Decide(decision);
            await work.Save();
        }
        catch (Exception e)
        {
            foreach (var id in batch.Select(x => x.StreamId))
                cache.Forget(id);
            await DecideAgain(batch, e);
        }
    }

    async Task DecideAgain(IReadOnlyList<Decision<TState>> batch, Exception cause)
    {
        if (LostRace(cause) && batch.Any(x => x.ExpectNew))
        {
            foreach (var decision in batch)
                decision.ExpectNew = false;
            await Commit(batch);
            return;
        }
        // One by one: whoever spoils a shared transaction must not spoil it for the others.
        foreach (var decision in batch.Where(x => !x.Done.Task.IsCompleted))
        {
            decision.Decisions++;
            if (batch.Count > 1 || LostRace(cause) && decision.Decisions < MaxDecisions)
                await Commit([decision]);
            else
            {
                PlumbingLog.DecisionFailed(log, cause, decision.StreamId, decision.Decisions);
                decision.Done.TrySetException(cause);
            }
        }
    }

    // A lost append, a lost creation and a deadlock between two batches reach us as unrelated types.
    static bool LostRace(Exception e) =>
        e is ConcurrencyException or Marten.Exceptions.ExistingStreamIdCollisionException
        || e
            is PostgresException
            {
                SqlState: PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.UniqueViolation
                    or AppendStatement.OtherVersion
            }
        || e.InnerException is { } inner && LostRace(inner);
}
