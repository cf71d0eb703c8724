using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Runs;

/// <summary>Queues attempts whose retry delay is over.</summary>
public sealed class RetryTimers(StreamStore<Run> runs, TimeProvider clock) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => RunStream.Definition.Prefix;

    /// <inheritdoc/>
    public async Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        if (RunStream.Retry(timer.Purpose) is not var (task, attempt))
            return;
        var due = new RetryDue(task, attempt, clock.GetUtcNow());
        await runs.Transact(RunStream.RunIdOf(timer.StreamId), run => RunDecider.Decide(run, due), cancellationToken);
    }
}
