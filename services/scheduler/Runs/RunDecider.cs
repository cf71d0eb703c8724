using System.Text.Json;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;

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

    /// <summary>
    /// How far the clock that fires a run's timeout, the database's, may be behind the one that decided when it is due.
    /// </summary>
    public static readonly TimeSpan MostClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>Creates the run and queues the tasks that need nothing.</summary>
    /// <param name="run">The run.</param>
    /// <param name="start">What it is to be.</param>
    /// <param name="values">Variables for the tasks that become ready; null for none.</param>
    /// <returns>No events when the run exists: the id names one run, however often it is asked for.</returns>
    /// <exception cref="RejectedException"><c>invalid_params</c>: a value for a parameter the DAG does not have, one
    /// that is missing or does not fit its schema, or a default that cannot be rendered.</exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, StartRun start, OutputValues? values = null)
    {
        if (run.Queued is not null)
            return [];
        if (
            start
                .Params.Keys.Concat(start.TypedParams?.Keys ?? [])
                .Where(x => !start.Dag.Params.ContainsKey(x))
                .ToList()
            is [_, ..] unknown
        )
            throw new RejectedException(
                "invalid_params",
                $"DAG '{start.Dag.DagId}' has no parameter {string.Join(", ", unknown)}; it has "
                    + $"{List(start.Dag.Params.Keys)}"
            );
        var (texts, typed) = Params(start);
        var queued = new RunQueued(
            start.RunId,
            start.Dag.DagId,
            start.DagVersion,
            new Plan(start.Dag.Tasks),
            start.Type,
            start.Cause,
            start.LogicalDate,
            start.Interval,
            texts,
            start.Trigger,
            start.At
        )
        {
            DagRunTimeout = start.Dag.DagRunTimeout,
            FailFast = start.Dag.FailFast,
            IsContinuous = start.IsContinuous,
            RunAfter = start.Waits ? start.RunAfter ?? start.At : null,
            MaxConsecutiveFailedDagRuns = start.Dag.MaxConsecutiveFailedDagRuns,
            Note = start.Note,
            BackfillId = start.BackfillId,
            MaxActiveTasks = start.Dag.MaxActiveTasks,
            TypedParams = typed,
            Requires = start.BackfillId is null ? start.Dag.Requires?.Select(x => x.DagId).ToList() : null,
        };
        return start.Waits ? [queued] : Begin(run, queued, start.At, values);
    }

    /// <summary>Starts a run that was queued.</summary>
    /// <param name="run">The run.</param>
    /// <param name="begin">When.</param>
    /// <param name="values">Variables for the tasks that become ready; null for none.</param>
    /// <returns>No events when it has started, or ended before.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, BeginRun begin, OutputValues? values = null) =>
        run.IsWaiting ? Begin(run, new RunStarted(begin.At), begin.At, values) : [];

    static IReadOnlyList<RunEvent> Begin(Run run, RunEvent first, DateTimeOffset at, OutputValues? values)
    {
        var progress = new RunProgress(run, at, values ?? new()).Add(first);
        return progress
            .Consider(progress.Tasks.Where(x => x.Needs.Count == 0 || x.Rule is TriggerRule.Always))
            .Complete();
    }

    /// <summary>Notes that an attempt's container runs.</summary>
    /// <returns>No events when the attempt is over or another is current.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, ReportStart report) =>
        run.Find(report.Task) is { State: TaskState.Queued } task && task.Attempt == report.Attempt
            ? [new TaskStarted(report.Task, report.Attempt, report.At)]
            : [];

    /// <summary>
    /// True when an attempt runs although its run goes on without it: a person or the run has stopped it, and the
    /// command did not arrive, or it is over and the report came late.
    /// </summary>
    public static bool IsAbandoned(Run run, ReportStart report) =>
        run.Queued is not null
        && !(
            run.Find(report.Task) is { State: TaskState.Queued or TaskState.Running } task
            && task.Attempt == report.Attempt
        );

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
        outputs ??= new();
        return new RunProgress(run, report.At, outputs)
            .Settle(report.Task, AttemptEnd.Of(run, report, outputs))
            .Complete();
    }

    /// <summary>Queues the next attempt of a task whose wait is over.</summary>
    /// <param name="run">The run.</param>
    /// <param name="due">Which attempt.</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <returns>No events when the task no longer waits for that attempt.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, RetryDue due, OutputValues? outputs = null) =>
        run.Find(due.Task) is { State: TaskState.UpForRetry } task && task.Attempt + 1 == due.Attempt
            ? new RunProgress(run, due.At, outputs ?? new()).Queue(due.Task).Complete()
            : [];

    /// <summary>Queues tasks whose wait for the previous run is over.</summary>
    /// <param name="run">The run.</param>
    /// <param name="done">Which tasks.</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <returns>No events when none of them waits, or what they need was cleared meanwhile.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, PastDone done, OutputValues? outputs = null)
    {
        var progress = new RunProgress(run, done.At, outputs ?? new());
        var waiting = done
            .Tasks.Where(x =>
                run.Find(x) is { WaitsForPast: true } && TaskReadiness.Judge(run, run.Plan[x]) is Verdict.Ready
            )
            .ToList();
        foreach (var task in waiting)
            progress.Queue(task);
        return waiting.Count == 0 ? [] : progress.Complete();
    }

    /// <summary>Queues a task that was granted the slots it waited for.</summary>
    /// <param name="run">The run.</param>
    /// <param name="granted">Which request.</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <returns>No events when the task no longer waits for them.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, StartScheduled granted, OutputValues? outputs = null) =>
        run.Find(granted.Task) is { State: TaskState.Scheduled } task && task.Requests == granted.Request
            ? new RunProgress(run, granted.At, outputs ?? new()).QueueGranted(granted.Task).Complete()
            : [];

    /// <summary>Ends a run whose time is up.</summary>
    /// <returns>No events when it has ended, has no such limit, or was reopened and has more time now.</returns>
    public static IReadOnlyList<RunEvent> Decide(Run run, RunTimeoutDue due) =>
        run is { TimeoutAt: { } timeout, Outcome: null } && timeout <= due.At + MostClockSkew
            ? new RunProgress(run, due.At, new()).Stop(StopReason.Timeout, failed: null).Complete()
            : [];

    /// <summary>
    /// Tries a failed task again with another memory limit, whether it waits for a retry or has been given up.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="clear">Which task, and its limit.</param>
    /// <param name="outputs">Outputs beside the run's stream; null for none.</param>
    /// <returns>No events when its latest attempt is another one, or did not fail, or when a person ended the task or
    /// the run.</returns>
    /// <exception cref="RejectedException"><c>unknown_run</c>, <c>unknown_task</c></exception>
    public static IReadOnlyList<RunEvent> Decide(Run run, ClearTask clear, OutputValues? outputs = null)
    {
        if (run.Queued is null)
            throw new RejectedException("unknown_run", $"Case {clear.CaseId} names no known run");
        if (run.MappedOf(clear.Task) is not null)
            return []; // its instances took the task's place since
        if (run.Find(clear.Task) is not { } task)
            throw new RejectedException("unknown_task", $"Run {run.Queued.RunId} has no task '{clear.Task}'");
        if (task.State is not (TaskState.Failed or TaskState.UpForRetry) || task.Attempt != clear.FailedAttempt)
            return [];
        if (run.IsStoppedByPerson || task is { State: TaskState.Failed, Failure.IsByPerson: true })
            return [];
        var reopened = ReopenedTasks.Behind(run, clear.Task);
        return new RunProgress(run, clear.At, outputs ?? new())
            .Add(new TaskCleared(clear.Task, clear.FailedAttempt, clear.MemoryMiB, clear.CaseId, reopened, clear.At))
            .Queue(clear.Task)
            .Consider(reopened.Select(x => run.Plan[x]))
            .Complete();
    }

    /// <summary>The values of a run's parameters: as text, and as JSON.</summary>
    /// <exception cref="RejectedException"><c>invalid_params</c>: one is missing or does not fit its schema, or a
    /// default cannot be rendered.</exception>
    internal static (IReadOnlyDictionary<string, string?>, IReadOnlyDictionary<string, JsonElement>?) Params(
        StartRun start
    )
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

    static string List(IEnumerable<string> names) => names.Any() ? string.Join(", ", names) : "none";
}
