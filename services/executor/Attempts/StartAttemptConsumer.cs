using System.Collections.Immutable;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// Takes attempts on. The message is done with once the attempt is accepted: from then on it is a row that waits for a
/// slot of any executor. Asked again, the answer is what is known of the attempt.
/// </summary>
public sealed class StartAttemptConsumer(AttemptStore attempts, StreamValueTable values, TimeProvider clock)
    : IConsumer<StartAttempt>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<StartAttempt> context)
    {
        var accept = Read(context.Message, clock.GetUtcNow());
        var env = NamedValues.Of(accept.Spec.Env);
        var (state, events, _) = await attempts.Transact(
            accept.Key.AttemptId,
            x => [.. AttemptDecider.Decide(x, accept).Select(e => Divide(e, env))],
            context.CancellationToken,
            () => values.Rows(AttemptMessages.Stream.Prefix + accept.Key.AttemptId, env.Stored),
            expectNew: !context.ReceiveContext.Redelivered
        );
        if (events.Count > 0)
            return;
        if (await AttemptMessages.Known(state, values, context.CancellationToken) is { } known)
            await context.Publish(known, known.GetType(), context.CancellationToken);
    }

    static AttemptEvent Divide(AttemptEvent e, NamedValues env) =>
        e is AttemptAccepted x && env.References is not null
            ? x with
            {
                Spec = x.Spec with
                {
                    Env = env.Inline.ToImmutableSortedDictionary(StringComparer.Ordinal),
                    StoredEnv = env.References,
                },
            }
            : e;

    static AcceptAttempt Read(StartAttempt m, DateTimeOffset at) =>
        new(
            new(m.AttemptId, m.RunId, m.DagId, m.TaskId, m.Attempt),
            new AttemptSpec(
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
            },
            m.Queue,
            m.Priority,
            at
        );
}
