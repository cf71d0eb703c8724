using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Queues attempts whose delay is over, ends runs whose time is up, watches over open ones, and goes on from continuous
/// ones.
/// </summary>
public sealed class RunTimers(RunStore runs, RunWatchdog watchdog, ContinuousRuns continuous, TimeProvider clock)
    : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => RunStream.Definition.Prefix;

    /// <inheritdoc/>
    public async Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        var runId = RunStream.RunIdOf(timer.StreamId);
        if (timer.Purpose == RunStream.WatchdogTimer)
            await watchdog.Check(runId, cancellationToken);
        else if (timer.Purpose == RunStream.TimeoutTimer)
        {
            var due = new RunTimeoutDue(clock.GetUtcNow());
            await runs.Transact(runId, (run, _) => RunDecider.Decide(run, due), cancellationToken);
        }
        else if (timer.Purpose == RunStream.NextRunTimer)
            await continuous.Continue(runId, cancellationToken);
        else if (RunStream.Retry(timer.Purpose) is var (task, attempt))
        {
            var due = new RetryDue(task, attempt, clock.GetUtcNow());
            await runs.Transact(runId, (run, x) => RunDecider.Decide(run, due, x), cancellationToken);
        }
    }
}
