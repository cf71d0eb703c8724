using Nightshift.Contracts;

namespace Nightshift.Scheduler.Runs;

/// <summary>How a run whose tasks have all ended has ended itself.</summary>
static class RunEnd
{
    /// <summary>
    /// It failed when it was stopped, or when a task that decides is failed or upstream failed
    /// (<see cref="Plan.IsEffectiveLeaf"/>).
    /// </summary>
    public static RunFinished Of(Run run, RunQueued queued, DateTimeOffset at)
    {
        var outcome = OutcomeOf(run);
        var failed = outcome is RunOutcome.Succeeded ? [] : FailedTasks(run);
        return new(
            outcome,
            at,
            run.Ends + 1,
            queued.LogicalDate,
            queued.At,
            [.. failed.Take(RunFinished.MostFailed)],
            failed.Count
        )
        {
            Stopped = run.Stopped,
            IsContinuous = queued.IsContinuous,
            FailedByPerson = outcome is RunOutcome.Failed && IsFailedByPerson(run, failed),
        };
    }

    /// <summary>How a run whose tasks have all ended has ended.</summary>
    public static RunOutcome OutcomeOf(Run run) =>
        run.Stopped is not null || run.FailedLeaves > 0 ? RunOutcome.Failed : RunOutcome.Succeeded;

    // A person who ends a run knows of its failures.
    static bool IsFailedByPerson(Run run, List<FailedTask> failed) =>
        run.IsStoppedByPerson
        || run.Stopped is not StopReason.Timeout
            && failed.Count == 0
            && run.Tasks.Values.Any(x => x is { State: TaskState.Failed, Failure.IsByPerson: true });

    static List<FailedTask> FailedTasks(Run run) =>
        run
            .Instances.Select(x => (x.TaskId, Task: run.Tasks[x.TaskId]))
            .Where(x =>
                x.Task is { State: TaskState.Failed, Failure: { Reason: not TaskFailure.Stopped, IsByPerson: false } }
            )
            .OrderBy(x => x.Task.Failure!.Reason == FailureReason.OutOfMemory ? 0 : 1)
            .Select(x => new FailedTask(x.TaskId, x.Task.Attempt, x.Task.Failure!, x.Task.MemoryMiB))
            .ToList();
}
