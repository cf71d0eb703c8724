using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Queues attempts whose delay is over, admits queued runs, ends runs whose time is up, watches over open ones, and
/// goes on from continuous ones and with backfills.
/// </summary>
public sealed class RunTimers(
    RunStore runs,
    RunWatchdog watchdog,
    ContinuousRuns continuous,
    RunAdmission admission,
    PastRuns past,
    ConsecutiveFailures failures,
    BackfillRuns backfills,
    TimeProvider clock
) : ITimerHandler
{
    /// <inheritdoc/>
    public string Prefix => RunStream.Definition.Prefix;

    /// <inheritdoc/>
    public async Task Fire(TimerDue timer, CancellationToken cancellationToken)
    {
        var runId = RunStream.RunIdOf(timer.StreamId);
        if (timer.Purpose == RunStream.WatchdogTimer)
            await watchdog.Check(runId, cancellationToken);
        else if (timer.Purpose == RunStream.PastTimer)
            await past.Check(runId, cancellationToken);
        else if (timer.Purpose == RunStream.NextRunsPastTimer)
            await past.CheckNext(runId, cancellationToken);
        else if (timer.Purpose == RunStream.TimeoutTimer)
        {
            var due = new RunTimeoutDue(clock.GetUtcNow());
            await runs.Transact(runId, (run, _) => RunDecider.Decide(run, due), cancellationToken);
        }
        else if (timer.Purpose == RunStream.NextRunTimer)
            await continuous.Continue(runId, cancellationToken);
        else if (timer.Purpose is RunStream.AdmissionTimer or RunStream.AdmissionCheckTimer)
            await admission.Admit(RunStream.DagIdOf(runId), cancellationToken);
        else if (timer.Purpose == RunStream.FailuresTimer)
            await failures.Check(RunStream.DagIdOf(runId), cancellationToken);
        else if (RunStream.BackfillOf(timer.Purpose) is { } backfillId)
            await backfills.Advance(backfillId, cancellationToken);
        else if (RunStream.Retry(timer.Purpose) is var (task, attempt))
        {
            var due = new RetryDue(task, attempt, clock.GetUtcNow());
            await runs.Transact(runId, (run, x) => RunDecider.Decide(run, due, x), cancellationToken);
        }
    }
}
