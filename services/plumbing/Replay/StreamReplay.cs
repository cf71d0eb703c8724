using System.Runtime.CompilerServices;
using JasperFx.Events;
using Marten;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Replay;

/// <summary>One event with the state around it.</summary>
/// <param name="Version">Position in the stream, from 1.</param>
/// <param name="Sequence">Position in the service's whole log.</param>
/// <param name="Id">The event's id, which is also the id of its first message on the bus.</param>
/// <param name="Type">The event's name, e.g. <c>task_queued</c>.</param>
/// <param name="RecordedAt">When it was appended (UTC).</param>
/// <param name="Data">The event.</param>
/// <param name="Before">The state before it; null when only the events were asked for.</param>
/// <param name="After">The state after it; null when only the events were asked for.</param>
public sealed record ReplayStep(
    long Version,
    long Sequence,
    Guid Id,
    string Type,
    DateTimeOffset RecordedAt,
    object Data,
    object? Before,
    object? After
);

/// <summary>The state of a stream at one point.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Version">The version the state is at; 0 before the first event.</param>
/// <param name="RecordedAt">When that version was appended (UTC); null at version 0.</param>
/// <param name="State">The state.</param>
public sealed record StateAt(string StreamId, long Version, DateTimeOffset? RecordedAt, object State);

/// <summary>Folds any stream of this service again, with the same code that decided on it.</summary>
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

    /// <summary>Every event of a stream with the state before and after it.</summary>
    /// <exception cref="RejectedException"><c>unknown_stream</c></exception>
    public async Task<IReadOnlyList<ReplayStep>> Steps(string streamId, CancellationToken cancellationToken)
    {
        var definition = DefinitionOf(streamId);
        await using var session = store.QuerySession();
        var events = await session.Events.FetchStreamAsync(streamId, token: cancellationToken);
        if (events.Count == 0)
            throw Unknown(streamId);
        var state = definition.SeedState;
        return [.. events.Select(e => Step(definition, ref state, e))];
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
        var steps = await Steps(streamId, cancellationToken);
        var last = steps.LastOrDefault(x =>
            (version is null || x.Version <= version) && (instant is null || x.RecordedAt <= instant)
        );
        return new(streamId, last?.Version ?? 0, last?.RecordedAt, last?.After ?? DefinitionOf(streamId).SeedState);
    }

    /// <summary>
    /// The steps of a stream, then each further one as it is appended; waits for a stream that does not exist yet.
    /// </summary>
    public async IAsyncEnumerable<ReplayStep> Follow(
        string streamId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var definition = DefinitionOf(streamId);
        using var watch = commits.On(streamId);
        var (state, version) = (definition.SeedState, 0L);
        while (true)
        {
            foreach (var e in await After(streamId, version, cancellationToken))
            {
                version = e.Version;
                yield return Step(definition, ref state, e);
            }
            await watch.Next(SafetyRefreshPeriod, clock, cancellationToken);
        }
    }

    async Task<IReadOnlyList<IEvent>> After(string streamId, long version, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return await session.Events.FetchStreamAsync(streamId, fromVersion: version + 1, token: cancellationToken);
    }

    static ReplayStep Step(StreamDefinition definition, ref object state, IEvent e)
    {
        var before = state;
        state = definition.Fold(state, e.Data);
        return new(e.Version, e.Sequence, e.Id, e.EventTypeName, e.Timestamp, e.Data, before, state);
    }

    StreamDefinition DefinitionOf(string streamId) =>
        definitions.FirstOrDefault(x => streamId.StartsWith(x.Prefix, StringComparison.Ordinal))
        ?? throw Unknown(streamId);

    static RejectedException Unknown(string streamId) => new("unknown_stream", $"There is no stream '{streamId}'");
}
