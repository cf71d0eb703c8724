using System.Runtime.CompilerServices;
using JasperFx.Events;
using Marten;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Replay;

/// <summary>One event with what it changed.</summary>
/// <param name="Version">Position in the stream, from 1.</param>
/// <param name="Sequence">Position in the service's whole log.</param>
/// <param name="Id">The event's id, which is also the id of its first message on the bus.</param>
/// <param name="Type">The event's name, e.g. <c>task_queued</c>.</param>
/// <param name="RecordedAt">When it was appended (UTC).</param>
/// <param name="Data">The event.</param>
/// <param name="Changes">What it changed in the state; null when only the events were asked for.</param>
public sealed record ReplayStep(
    long Version,
    long Sequence,
    Guid Id,
    string Type,
    DateTimeOffset RecordedAt,
    object Data,
    IReadOnlyList<StateChange>? Changes
)
{
    /// <summary>An event without its changes.</summary>
    public static ReplayStep Of(IEvent e) =>
        new(e.Version, e.Sequence, e.Id, e.EventTypeName, e.Timestamp, e.Data, Changes: null);
}

/// <summary>An event and the states around it.</summary>
/// <param name="Event">The event.</param>
/// <param name="Before">The state before it.</param>
/// <param name="After">The state after it.</param>
public sealed record FoldStep(IEvent Event, object Before, object After);

/// <summary>The state of a stream at one point.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Version">The version the state is at; 0 before the first event.</param>
/// <param name="RecordedAt">When that version was appended (UTC); null at version 0.</param>
/// <param name="State">The state.</param>
public sealed record StateAt(string StreamId, long Version, DateTimeOffset? RecordedAt, object State);

/// <summary>
/// Folds any stream of this service again, with the same code that decided on it. Events are read a few at a time and
/// no step is kept: a replay takes memory for one state, and time for the events.
/// </summary>
public sealed class StreamReplay(
    IDocumentStore store,
    IEnumerable<StreamDefinition> definitions,
    CommitSignals commits,
    TimeProvider clock
)
{
    /// <summary>
    /// Longest wait of a follower. A safety net for events appended by another instance of the service.
    /// </summary>
    public static readonly TimeSpan SafetyRefreshPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Events read at a time.</summary>
    const int ChunkSize = 100;

    /// <summary>The version a stream is at.</summary>
    /// <exception cref="RejectedException"><c>unknown_stream</c></exception>
    public async Task<long> VersionOf(string streamId, CancellationToken cancellationToken)
    {
        DefinitionOf(streamId);
        await using var session = store.QuerySession();
        var state = await session.Events.FetchStreamStateAsync(streamId, cancellationToken);
        return state?.Version ?? throw Unknown(streamId);
    }

    /// <summary>The events of a stream with what each changed.</summary>
    /// <param name="streamId">The stream.</param>
    /// <param name="after">Only events behind this version; 0 for all.</param>
    /// <param name="upTo">Only events up to this version.</param>
    /// <param name="cancellationToken">Ends the replay.</param>
    public async IAsyncEnumerable<ReplayStep> Steps(
        string streamId,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var definition = DefinitionOf(streamId);
        await foreach (var step in Fold(streamId, upTo, cancellationToken))
            if (step.Event.Version > after)
                yield return Changes(definition, step);
    }

    /// <summary>
    /// The state at a version, or at an instant (by when events were recorded); the newest when both are null.
    /// </summary>
    /// <exception cref="RejectedException"><c>unknown_stream</c></exception>
    public async Task<StateAt> At(
        string streamId,
        long? version,
        DateTimeOffset? instant,
        CancellationToken cancellationToken
    )
    {
        var last = await VersionOf(streamId, cancellationToken);
        var at = new StateAt(streamId, 0, RecordedAt: null, DefinitionOf(streamId).SeedState);
        await foreach (var (e, _, after) in Fold(streamId, Math.Min(version ?? last, last), cancellationToken))
            if (instant is null || e.Timestamp <= instant)
                at = new(streamId, e.Version, e.Timestamp, after);
        return at;
    }

    /// <summary>
    /// The events of a stream with the states around them, then each further one as it is appended; waits for a stream
    /// that does not exist yet.
    /// </summary>
    public async IAsyncEnumerable<FoldStep> Follow(
        string streamId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var definition = DefinitionOf(streamId);
        using var watch = commits.On(streamId);
        var (state, version) = (definition.SeedState, 0L);
        while (true)
        {
            await foreach (var e in Events(streamId, version, long.MaxValue, cancellationToken))
            {
                var before = state;
                (state, version) = (definition.Fold(before, e.Data), e.Version);
                yield return new(e, before, state);
            }
            await watch.Next(SafetyRefreshPeriod, clock, cancellationToken);
        }
    }

    /// <summary>The step with what it changed.</summary>
    public ReplayStep Changes(FoldStep step) => Changes(DefinitionOf(step.Event.StreamKey!), step);

    static ReplayStep Changes(StreamDefinition definition, FoldStep step) =>
        ReplayStep.Of(step.Event) with
        {
            Changes =
            [
                .. StateDifference.Between(
                    step.Before,
                    step.After,
                    definition.StateType,
                    definition.KeysChangedBy(step.After, step.Event.Data)
                ),
            ],
        };

    async IAsyncEnumerable<FoldStep> Fold(
        string streamId,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var definition = DefinitionOf(streamId);
        var state = definition.SeedState;
        await foreach (var e in Events(streamId, after: 0, upTo, cancellationToken))
        {
            var before = state;
            state = definition.Fold(before, e.Data);
            yield return new(e, before, state);
        }
    }

    // Each chunk by a query of its own: a slow reader holds no connection.
    async IAsyncEnumerable<IEvent> Events(
        string streamId,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (after < upTo)
        {
            var chunk = await Chunk(streamId, after, Math.Min(after + ChunkSize, upTo), cancellationToken);
            foreach (var e in chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return e;
            }
            if (chunk.Count < ChunkSize)
                yield break;
            after = chunk[^1].Version;
        }
    }

    async Task<IReadOnlyList<IEvent>> Chunk(string streamId, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.Events.FetchStreamAsync(
            streamId,
            version: upTo,
            fromVersion: after + 1,
            token: cancellationToken
        );
    }

    StreamDefinition DefinitionOf(string streamId) =>
        definitions.FirstOrDefault(x => streamId.StartsWith(x.Prefix, StringComparison.Ordinal))
        ?? throw Unknown(streamId);

    static RejectedException Unknown(string streamId) => new("unknown_stream", $"There is no stream '{streamId}'");
}
