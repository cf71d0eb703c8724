using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Attempts;

/// <summary>What others hear of attempts.</summary>
static class AttemptMessages
{
    public static readonly StreamDefinition<Attempt> Stream = new(
        "attempt-",
        typeof(AttemptEvent),
        Attempt.Unknown,
        (state, e) => state.Evolve(e)
    )
    {
        IsEnded = x => x.Phase is AttemptPhase.Finished,
    };

    public static void AddAttempts(this NightshiftService service)
    {
        service.AddStream(Stream);
        service
            .Outgoing.Publish<AttemptStarted>(e => Started(e.Data.Key, e.Data.At))
            .Publish<AttemptFinished>(
                async (e, cancellationToken) =>
                    await Finished(
                        e.Data.Key,
                        e.Data.Ending,
                        e.Data.MemoryMiB,
                        e.Data.At,
                        service.Values,
                        cancellationToken
                    )
            );
    }

    /// <summary>
    /// What has been published of an attempt already, for whoever asks for it a second time; null when that is nothing.
    /// </summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="values">Has the outputs that are stored beside its stream.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async ValueTask<object?> Known(
        Attempt attempt,
        StreamValueTable values,
        CancellationToken cancellationToken
    ) =>
        attempt switch
        {
            { Phase: AttemptPhase.Finished, Key: { } key, Ending: { } ending, FinishedAt: { } at } => await Finished(
                key,
                ending,
                attempt.Spec?.MemoryMiB ?? 0,
                at,
                values,
                cancellationToken
            ),
            { Phase: AttemptPhase.Running, Key: { } key, StartedAt: { } at } => Started(key, at),
            _ => null,
        };

    static Contracts.AttemptStarted Started(AttemptKey key, DateTimeOffset at) =>
        new(key.AttemptId, key.RunId, key.TaskId, key.Attempt, at);

    static async ValueTask<Contracts.AttemptFinished> Finished(
        AttemptKey key,
        Ending ending,
        int memoryMiB,
        DateTimeOffset at,
        StreamValueTable values,
        CancellationToken cancellationToken
    ) =>
        new(
            key.AttemptId,
            key.RunId,
            key.TaskId,
            key.Attempt,
            ending.Succeeded,
            ending.Reason,
            ending.Detail,
            ending.ExitCode,
            memoryMiB,
            await values.Join(Stream.Prefix + key.AttemptId, ending.Outputs, ending.StoredOutputs, cancellationToken),
            at,
            ending.Infrastructure
        );
}
