using Nightshift.Contracts;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Templates;

namespace Nightshift.Scheduler.Runs;

/// <summary>The rules of a run: which task may start, when one is over, when the run is.</summary>
public static class RunDecider
{
    /// <summary>
    /// Attempts of one task that may end through faults of the infrastructure before the task fails. With delays that
    /// double from <see cref="FirstRequeueDelay"/> they span a minute, twice an engine's restart.
    /// </summary>
    public const int MostRequeues = 5;

    /// <summary>Wait before a task is tried again after its first fault of the infrastructure.</summary>
    public static readonly TimeSpan FirstRequeueDelay = TimeSpan.FromSeconds(2);

    /// <summary>Creates the run and queues the tasks that need nothing.</summary>
    /// <returns>No events when the run exists: the id names one run, however often it is asked for.</returns>
    /// <exception cref="RejectedException"><c>invalid_params</c>: a value for a parameter the DAG does not have, or a
    /// default that cannot be rendered.</exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, StartRun start)
    {
        if (run.Queued is not null)
            return [];
        if (start.Params.Keys.Where(x => !start.Dag.Params.ContainsKey(x)).ToList() is [_, ..] unknown)
            throw new RejectedException(
                "invalid_params",
                $"DAG '{start.Dag.DagId}' has no parameter {string.Join(", ", unknown)}; it has "
                    + $"{List(start.Dag.Params.Keys)}"
            );
        var queued = new RunQueued(
            start.RunId,
            start.Dag.DagId,
            start.DagVersion,
            new Plan(start.Dag.Tasks),
            start.Type,
            start.Cause,
            start.LogicalDate,
            start.Interval,
            Params(start),
            start.Trigger,
            start.At
        );
        return
        [
            queued,
            .. Advance(
                Run.Evolve(run, queued),
                start.Dag.Tasks.Where(x => x.Needs.Count == 0 || x.Rule is TriggerRule.Always),
                start.At,
                new OutputValues() // nothing has been handed on yet
            ),
        ];
    }

    /// <summary>Notes that an attempt's container runs.</summary>
    /// <returns>No events when the attempt is over or another is current.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, ReportStart report) =>
        run.Find(report.Task) is { State: TaskState.Queued } task && task.Attempt == report.Attempt
            ? [new TaskStarted(report.Task, report.Attempt, report.At)]
            : [];

    /// <summary>Settles one attempt and queues whatever that makes ready.</summary>
    /// <param name="run">The run.</param>
    /// <param name="report">How the attempt ended.</param>
    /// <param name="outputs">Outputs beside the run's stream for the tasks that become ready; null for none.</param>
    /// <returns>No events for a late or repeated report, so redelivery is harmless.</returns>
    /// <exception cref="RejectedException"><c>unknown_run</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, ReportAttempt report, OutputValues? outputs = null)
    {
        if (run.Queued is null)
            throw new RejectedException("unknown_run", $"A report on task '{report.Task}' names no known run");
        if (
            run.Find(report.Task) is not { State: TaskState.Queued or TaskState.Running } task
            || task.Attempt != report.Attempt
        )
            return [];
        return Settle(run, EndOf(run.Plan[report.Task], task, report), report.Task, report.At, outputs ?? new());
    }

    static RunEvent EndOf(TaskSpec spec, TaskInstance task, ReportAttempt report)
    {
        var (name, attempt, succeeded, reason, detail, memory, outputs, at, infrastructure) = report;
        return report switch
        {
            _ when succeeded => new TaskSucceeded(name, attempt, memory, outputs, at)
            {
                StoredOutputs = report.StoredOutputs,
            },
            _ when infrastructure && task.Requeued < MostRequeues => new TaskRequeued(
                name,
                attempt,
                reason,
                detail,
                memory,
                at + FirstRequeueDelay * Math.Pow(2, task.Requeued),
                at
            ),
            _ when infrastructure => new TaskFailed(
                name,
                attempt,
                reason,
                $"{detail} (given up after {MostRequeues} more attempts that ended through no fault of the task)",
                memory,
                at
            ),
            _ when attempt - task.ClearedAt - task.Requeued <= spec.Retries => new TaskUpForRetry(
                name,
                attempt,
                reason,
                detail,
                memory,
                at + spec.RetryDelay,
                at
            ),
            _ => new TaskFailed(name, attempt, reason, detail, memory, at),
        };
    }

    /// <summary>Queues the next attempt of a task whose wait is over.</summary>
    /// <param name="run">The run.</param>
    /// <param name="due">Which attempt.</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <returns>No events when the task no longer waits for that attempt.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, RetryDue due, OutputValues? outputs = null) =>
        run.Find(due.Task) is { State: TaskState.UpForRetry } task && task.Attempt + 1 == due.Attempt
            ? Queue(run, due.Task, due.At, outputs ?? new())
            : [];

    /// <summary>
    /// Tries a failed task again with another memory limit, whether it waits for a retry or has been given up.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="clear">Which task, and its limit.</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <returns>No events when its latest attempt is another one, or did not fail.</returns>
    /// <exception cref="RejectedException"><c>unknown_run</c>, <c>unknown_task</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, ClearTask clear, OutputValues? outputs = null)
    {
        if (run.Queued is null)
            throw new RejectedException("unknown_run", $"Case {clear.CaseId} names no known run");
        if (run.Find(clear.Task) is not { } task)
            throw new RejectedException("unknown_task", $"Run {run.Queued.RunId} has no task '{clear.Task}'");
        if (task.State is not (TaskState.Failed or TaskState.UpForRetry) || task.Attempt != clear.FailedAttempt)
            return [];
        var cleared = new TaskCleared(
            clear.Task,
            clear.FailedAttempt,
            clear.MemoryMiB,
            clear.CaseId,
            GivenUpBehind(run, clear.Task),
            clear.At
        );
        return [cleared, .. Queue(Run.Evolve(run, cleared), clear.Task, clear.At, outputs ?? new())];
    }

    // An end, then whatever it decides for the tasks behind it, then the end of the run if that was the last.
    static IReadOnlyList<RunEvent> Settle(Run run, RunEvent end, string task, DateTimeOffset at, OutputValues outputs)
    {
        var after = Run.Evolve(run, end);
        return after.Tasks[task].Ended ? [end, .. Advance(after, after.Plan.After(task), at, outputs)] : [end];
    }

    // The only place a join is judged. A task given up here is an end too, so what is behind it is judged next.
    static List<RunEvent> Advance(Run run, IEnumerable<TaskSpec> candidates, DateTimeOffset at, OutputValues outputs)
    {
        var (events, next) = (new List<RunEvent>(), new Queue<TaskSpec>(candidates));
        while (next.TryDequeue(out var spec))
        {
            if (run.Tasks[spec.TaskId] is not { State: TaskState.None } task)
                continue;
            IReadOnlyList<RunEvent> decided = TriggerRules.Judge(spec.Rule, task.Upstream) switch
            {
                Verdict.Ready => [QueuedOrFailed(run, spec, at, outputs)],
                Verdict.Skip => [new TaskSkipped(spec.TaskId, at)],
                Verdict.UpstreamFailed => [new TaskUpstreamFailed(spec.TaskId, at)],
                _ => [], // upstream still in progress
            };
            foreach (var e in decided)
            {
                events.Add(e);
                run = Run.Evolve(run, e);
                if (run.Tasks[spec.TaskId].Ended)
                    foreach (var behind in run.Plan.After(spec.TaskId))
                        next.Enqueue(behind);
            }
        }
        if (run is { Open: 0, Outcome: null })
            events.Add(Finish(run, run.Queued!, at));
        return events;
    }

    static RunFinished Finish(Run run, RunQueued queued, DateTimeOffset at)
    {
        var outcome = run.FailedLeaves > 0 ? RunOutcome.Failed : RunOutcome.Succeeded;
        var failed =
            outcome is RunOutcome.Succeeded
                ? []
                : run
                    .Plan.Tasks.Select(x => (x.TaskId, Task: run.Tasks[x.TaskId]))
                    .Where(x => x.Task is { State: TaskState.Failed, Failure: not null })
                    .OrderBy(x => x.Task.Failure!.Reason == FailureReason.OutOfMemory ? 0 : 1)
                    .Select(x => new FailedTask(x.TaskId, x.Task.Attempt, x.Task.Failure!, x.Task.MemoryMiB))
                    .ToList();
        return new(
            outcome,
            at,
            run.Ends + 1,
            queued.LogicalDate,
            queued.At,
            [.. failed.Take(RunFinished.MostFailed)],
            failed.Count
        );
    }

    static IReadOnlyList<RunEvent> Queue(Run run, string task, DateTimeOffset at, OutputValues outputs) =>
        Settle(run, QueuedOrFailed(run, run.Plan[task], at, outputs), task, at, outputs);

    // A template that cannot be rendered will not render better next time: the task fails for good, and says why.
    static RunEvent QueuedOrFailed(Run run, TaskSpec spec, DateTimeOffset at, OutputValues outputs)
    {
        var (attempt, memory) = (run.Tasks[spec.TaskId].Attempt + 1, run.Tasks[spec.TaskId].MemoryMiB);
        try
        {
            return new TaskQueued(spec.TaskId, attempt, RunValues.Work(run, spec, memory, at, outputs), at);
        }
        catch (TemplateException e)
        {
            return new TaskFailed(spec.TaskId, attempt, "template", e.Message, memory, at);
        }
    }

    static IReadOnlyDictionary<string, string?> Params(StartRun start)
    {
        try
        {
            return RunValues.Params(start);
        }
        catch (TemplateException e)
        {
            throw new RejectedException(
                "invalid_params",
                $"A parameter's default in DAG '{start.Dag.DagId}' cannot be rendered: {e.Message}"
            );
        }
    }

    static List<string> GivenUpBehind(Run run, string task)
    {
        var (found, next) = (new List<string>(), new Queue<string>([task]));
        while (next.TryDequeue(out var id))
            foreach (
                var behind in run
                    .Plan.After(id)
                    .Where(x =>
                        run.Tasks[x.TaskId].State is TaskState.UpstreamFailed or TaskState.Skipped
                        && !found.Contains(x.TaskId)
                    )
            )
            {
                found.Add(behind.TaskId);
                next.Enqueue(behind.TaskId);
            }
        return found;
    }

    static string List(IEnumerable<string> names) => names.Any() ? string.Join(", ", names) : "none";
}
