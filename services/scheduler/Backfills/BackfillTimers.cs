using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Backfills;

/// <summary>Goes on with a backfill that was created or unpaused.</summary>
public sealed class BackfillTimers(BackfillRuns backfills) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => BackfillStream.Definition.Prefix;

    /// <inheritdoc/>
    public Task Fire(TimerDue timer, CancellationToken cancellationToken) =>
        backfills.Advance(BackfillStream.IdOf(timer.StreamId), cancellationToken);
}
