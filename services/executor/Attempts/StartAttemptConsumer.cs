using System.Collections.Immutable;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Takes attempts on. The message is done with once the attempt is accepted; its container lives on without it.
/// </summary>
public sealed class StartAttemptConsumer(
    StreamStore<Attempt> attempts,
    EngineGate gate,
    AttemptQueue queue,
    TimeProvider clock
) : IConsumer<StartAttempt>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<StartAttempt> context)
    {
        var accept = await Read(context.Message, context.CancellationToken);
        var (id, engine, at) = (accept.Key.AttemptId, accept.Engine, accept.At);
        var committed = await attempts.Transact(
            id,
            x => AttemptDecider.Decide(x, accept),
            context.CancellationToken,
            engine.Length == 0 ? null : session => OpenAttempts.Open(session, id, engine, at)
        );
        if (committed.State.Phase is AttemptPhase.Accepted && committed.State.Engine == engine)
            queue.Offer(id);
    }

    async Task<AcceptAttempt> Read(StartAttempt m, CancellationToken cancellationToken)
    {
        var spec = new AttemptSpec(
            m.Kind,
            m.Image,
            [.. m.Command],
            m.Env.Count == 0
                ? ImmutableSortedDictionary<string, string>.Empty
                : m.Env.ToImmutableSortedDictionary(StringComparer.Ordinal),
            m.TimeoutSeconds,
            m.MemoryMiB,
            m.Cpus,
            m.QueuedAt
        )
        {
            TmpMiB = m.TmpMiB,
        };
        var needsEngine = spec is { Kind: AttemptSpec.Container, Mistake: null };
        return new(
            new(m.AttemptId, m.RunId, m.DagId, m.TaskId, m.Attempt),
            spec,
            needsEngine ? (await gate.Open(cancellationToken)).EngineId : "",
            clock.GetUtcNow()
        );
    }
}
