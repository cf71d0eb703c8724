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
            .Tell.Publish<AttemptStarted>(e => new Contracts.AttemptStarted(
                e.Data.Key.AttemptId,
                e.Data.Key.RunId,
                e.Data.Key.TaskId,
                e.Data.Key.Attempt,
                e.Data.At
            ))
            .Publish<AttemptFinished>(e => Tell(e.Data));
    }

    static Contracts.AttemptFinished Tell(AttemptFinished e) =>
        new(
            e.Key.AttemptId,
            e.Key.RunId,
            e.Key.TaskId,
            e.Key.Attempt,
            e.Ending.Succeeded,
            e.Ending.Reason,
            e.Ending.Detail,
            e.Ending.ExitCode,
            e.MemoryMiB,
            e.Ending.Outputs,
            e.At
        );
}
