using System.Globalization;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Pools;
using Nightshift.Scheduler.Schedules;

namespace Nightshift.Scheduler.Runs;

/// <summary>How run streams are named, folded, timed and told to others.</summary>
public static class RunStream
{
    const string RetryTimer = "retry:";

    /// <summary>The purpose of the one timer that watches over an open run.</summary>
    public const string WatchdogTimer = "watchdog";

    /// <summary>The purpose of the timer that ends an open run whose time is up.</summary>
    public const string TimeoutTimer = "timeout";

    /// <summary>The purpose of the timer that begins the next run of a continuous schedule.</summary>
    public const string NextRunTimer = "next_run";

    /// <summary>The purpose of the timer that admits queued runs of a run's DAG.</summary>
    public const string AdmissionTimer = "admission";

    /// <summary>The purpose of the timer by which the first waiting run of a DAG asks again.</summary>
    public const string AdmissionCheckTimer = "admission_check";

    /// <summary>The purpose of the timer that looks at the previous run for tasks that wait for it.</summary>
    public const string PastTimer = "past";

    /// <summary>The purpose of the timer that looks at the next run, which may wait for a task of this one.</summary>
    public const string NextRunsPastTimer = "past_of_next";

    /// <summary>The purpose of the timer that pauses a DAG whose runs go on failing.</summary>
    public const string FailuresTimer = "failures";

    const string BackfillTimer = "backfill:";

    /// <summary>Run streams.</summary>
    public static StreamDefinition<Run> Definition { get; } =
        new("run-", typeof(RunEvent), Run.None, Run.Evolve)
        {
            ChangedKeys = ChangedTasks,
            Rows = static (before, after, e) =>
                [.. WaitingRuns.Of(after, e), .. SlotRows(before, after, e), .. DagFailures.Rows(after, e)],
            IsEnded = run => run.Outcome is not null,
            Timers = (run, e) =>
                e switch
                {
                    RunQueued { RunAfter: { } runAfter } => [new TimerChange.At(AdmissionTimer, runAfter)],
                    RunQueued x => Opened(run, x.At),
                    RunStarted x => Opened(run, x.At),
                    TaskCleared x => Opened(run, x.At),
                    TasksCleared x => Opened(run, x.At),
                    RunReplanned x => Opened(run, x.At),
                    RunFinished x => Ended(run, x),
                    TaskWaitsForPast => [new TimerChange.In(PastTimer, TimeSpan.Zero)],
                    TaskSucceeded x when run.Plan.IsAwaitedByNextRun(x.Task) => WakeNextRun(),
                    TaskSkipped x when run.Plan.IsAwaitedByNextRun(x.Task) => WakeNextRun(),
                    TaskMarked x when run.Plan.IsAwaitedByNextRun(x.Task) => WakeNextRun(),
                    TaskUpForRetry x => [Retry(x.Task, x.Attempt + 1, x.RetryAt - x.At)],
                    TaskRequeued x => [Retry(x.Task, x.Attempt + 1, x.RetryAt - x.At)],
                    _ => [],
                },
            Log = (log, runId, e) =>
            {
                if (e is RunQueued)
                    Log.RunQueued(log, runId);
                if (e is RunFinished x)
                    Log.RunFinished(log, runId, x.Outcome);
            },
        };

    /// <summary>
    /// Runs are kept for <c>Retention__Runs</c> after they ended, 90 days by default; the newest run of each DAG stays.
    /// </summary>
    public static StreamRetention Retention { get; } =
        new(
            "runs",
            Definition.Prefix,
            new("Runs", TimeSpan.FromDays(90)),
            // what a person does to an ended run comes after its end, and may leave it ended
            [typeof(RunFinished), typeof(TaskMarked), typeof(RunNoted), typeof(TaskNoted)],
            new StreamRows("mt_doc_runrow", "id")
        )
        {
            Condition = """
                exists (select 1 from scheduler.mt_doc_runrow run join scheduler.mt_doc_runrow newer
                  on newer.dag_id = run.dag_id and newer.queued_at > run.queued_at
                  where run.id = ended.stream_id and run.state <> 'running')
                """,
        };

    static TimerChange[] WakeNextRun() => [new TimerChange.In(NextRunsPastTimer, TimeSpan.Zero)];

    static IEnumerable<RowChange> SlotRows(Run before, Run after, object e) =>
        SlotRequestRows.HasAny(after) || e is RunReplanned
            ? SlotRequestRows.Of(before, after, e, ChangedTasks(after, e)).Select(SlotRequestRows.Statement)
            : [];

    // An end is counted by the tasks behind it; everything else concerns one task. Null compares all.
    static IReadOnlyCollection<string>? ChangedTasks(Run run, object @event) =>
        @event switch
        {
            TaskScheduled x => [x.Task],
            TaskQueued x => [x.Task],
            TaskWaitsForPast x => [x.Task],
            TaskStarted x => [x.Task],
            TaskUpForRetry x => [x.Task],
            TaskRequeued x => [x.Task],
            TaskSucceeded x => WithSuccessors(run, x.Task),
            TaskFailed x => WithSuccessors(run, x.Task),
            TaskSkipped x => WithSuccessors(run, x.Task),
            TaskStopped x => WithSuccessors(run, x.Task),
            TaskUpstreamFailed x => WithSuccessors(run, x.Task),
            TaskCancelled x => WithSuccessors(run, x.Task),
            TaskMarked x => WithSuccessors(run, x.Task),
            TaskNoted x => [x.Task],
            RunStarted or RunStopped or RunFinished or RunMarkedSuccess or RunNoted => [],
            _ => null,
        };

    // An instance of a mapped task is counted by that too.
    static IReadOnlyCollection<string> WithSuccessors(Run run, string task) =>
        new HashSet<string>([task, TaskInstanceId.TaskOf(task), .. run.Plan.After(task).Select(x => x.TaskId)]);

    static IEnumerable<TimerChange> Opened(Run run, DateTimeOffset at)
    {
        yield return new TimerChange.In(WatchdogTimer, RunWatchdog.Period);
        if (run.TimeoutAt is { } timeout)
            yield return new TimerChange.In(TimeoutTimer, timeout - at);
    }

    static IEnumerable<TimerChange> Ended(Run run, RunFinished finished)
    {
        yield return new TimerChange.Off(WatchdogTimer);
        if (run.TimeoutAt is not null)
            yield return new TimerChange.Off(TimeoutTimer);
        if (finished.IsContinuous)
            yield return new TimerChange.In(NextRunTimer, ContinuousRuns.Pause);
        if (run.Queued is { RunAfter: not null })
            yield return new TimerChange.In(AdmissionTimer, TimeSpan.Zero);
        if (run.Queued is { MaxConsecutiveFailedDagRuns: not null } && finished.Outcome is RunOutcome.Failed)
            yield return new TimerChange.In(FailuresTimer, TimeSpan.Zero);
        if (run.Queued is { BackfillId: { } backfill })
            yield return new TimerChange.In(
                string.Create(CultureInfo.InvariantCulture, $"{BackfillTimer}{backfill}"),
                TimeSpan.Zero
            );
    }

    static TimerChange.In Retry(string task, int attempt, TimeSpan delay) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{RetryTimer}{task}:{attempt}"), delay);

    /// <summary>
    /// The task and attempt a retry timer stands for; null for another timer. Read from both ends: what is between
    /// them is the task's name, whatever it holds.
    /// </summary>
    public static (string Task, int Attempt)? Retry(string purpose) =>
        purpose.StartsWith(RetryTimer, StringComparison.Ordinal)
        && purpose.LastIndexOf(':') is var last
        && last > RetryTimer.Length
            ? (purpose[RetryTimer.Length..last], int.Parse(purpose[(last + 1)..], CultureInfo.InvariantCulture))
            : null;

    /// <summary>The backfill that goes on by a timer; null for another timer.</summary>
    public static long? BackfillOf(string purpose) =>
        purpose.StartsWith(BackfillTimer, StringComparison.Ordinal)
            ? long.Parse(purpose[BackfillTimer.Length..], CultureInfo.InvariantCulture)
            : null;

    /// <summary>The run a stream id stands for.</summary>
    public static string RunIdOf(string streamId) => streamId[Definition.Prefix.Length..];

    /// <summary>The DAG inside a run id.</summary>
    public static string DagIdOf(string runId) => runId.Split("__") is [_, var dagId, _, ..] ? dagId : "";

    /// <summary>What others hear of a run.</summary>
    /// <param name="map">Gets the mappings.</param>
    /// <param name="values">Has the variables that are stored beside a run's stream.</param>
    /// <param name="isAwaited">Whether somebody waits for the success of a run: by its DAG and its id.</param>
    /// <param name="isRequired">Whether queued runs of other DAGs require a DAG.</param>
    public static void MapOutgoing(
        OutgoingMap map,
        StreamValueTable values,
        Func<string, string, CancellationToken, ValueTask<bool>> isAwaited,
        Func<string, CancellationToken, ValueTask<bool>> isRequired
    )
    {
        map.On<TaskQueued>(
            async (e, cancellationToken) =>
            {
                var work = e.Data.Work;
                var env = await values.Join(e.StreamKey!, work.Env, work.StoredEnv, cancellationToken);
                return new Outgoing(
                    Start(RunIdOf(e.StreamKey!), e.Data.Task, e.Data.Attempt, work with { Env = env }, e.Data.At),
                    ExecutorQueue.OfTasks(work.Queue)
                );
            }
        );
        map.On<TaskStopped>(e => [Stop(e.StreamKey!, e.Data.Task, e.Data.Attempt, e.Data.Queue, Why(e.Data.Reason))]);
        InterventionMessages.Map(map);
        map.Publish<TaskUpForRetry>(e =>
            Of(e.StreamKey!) is var (dag, run) && e.Data is var x
                ? new Contracts.TaskUpForRetry(
                    dag,
                    run,
                    x.Task,
                    x.Attempt,
                    x.Reason,
                    x.Detail,
                    x.MemoryMiB,
                    x.RetryAt,
                    x.At
                )
                : null
        );
        map.Publish<TaskFailed>(e =>
            Of(e.StreamKey!) is var (dag, run) && e.Data is var x
                ? new Contracts.TaskFailed(dag, run, x.Task, x.Attempt, x.Reason, x.Detail, x.MemoryMiB, x.At)
                : null
        );
        map.Publish<TaskSucceeded>(e =>
            Of(e.StreamKey!) is var (dag, run) && e.Data is { Attempt: > 1 } x
                ? new TaskRecovered(dag, run, x.Task, x.Attempt, x.MemoryMiB, x.At)
                : null
        );
        map.On<RunFinished>(
            async (e, cancellationToken) =>
            {
                var (dag, run) = Of(e.StreamKey!);
                if (e.Data.Outcome is RunOutcome.Failed)
                    return e.Data.FailedByPerson ? [] : [new Outgoing(Failed(dag, run, e.Data))];
                var outgoing = new List<Outgoing>();
                if (await isAwaited(dag, run, cancellationToken))
                    outgoing.Add(new(Succeeded(dag, run, e.Data)));
                if (await isRequired(dag, cancellationToken))
                    outgoing.Add(new(new RequiredDagSucceeded(dag, run, e.Data.At)));
                return outgoing;
            }
        );
    }

    /// <summary>The command that ends an attempt.</summary>
    /// <param name="streamId">The run's stream.</param>
    /// <param name="task">The task.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="queue">The executor queue it was sent to.</param>
    /// <param name="why">One line for a person.</param>
    internal static Outgoing Stop(string streamId, string task, int attempt, string queue, string why)
    {
        var (dag, run) = Of(streamId);
        var stop = new StopAttempt(AttemptId.Of(run, task, attempt), run, dag, task, attempt, why);
        return new(stop, ExecutorQueue.OfTasks(queue));
    }

    static string Why(StopReason reason) =>
        reason switch
        {
            StopReason.Timeout => "The run's time was up",
            StopReason.Cancelled => "The run was cancelled",
            StopReason.MarkedFailed => "The run was marked failed",
            _ => "Another task of the run failed",
        };

    static RunSucceeded Succeeded(string dag, string run, RunFinished x) =>
        new(dag, run, x.LogicalDate, x.QueuedAt, x.At);

    static RunFailed Failed(string dag, string run, RunFinished x) =>
        new(
            dag,
            run,
            x.End,
            x.LogicalDate,
            x.QueuedAt,
            [
                .. x.Failed.Select(t => new Contracts.FailedTask(
                    t.Task,
                    t.Attempt,
                    t.Failure.Reason,
                    t.Failure.Detail,
                    t.MemoryMiB
                )),
            ],
            x.FailedCount,
            x.At
        )
        {
            Detail = x.Stopped is StopReason.Timeout ? "its time was up (dagrun_timeout)" : "",
        };

    /// <summary>The DAG and the run of a stream.</summary>
    internal static (string Dag, string Run) Of(string streamId) => (DagIdOf(RunIdOf(streamId)), RunIdOf(streamId));

    /// <summary>The command that asks an executor for an attempt; the same one each time.</summary>
    internal static StartAttempt Start(
        string runId,
        string task,
        int attempt,
        AttemptWork work,
        DateTimeOffset queuedAt
    ) =>
        new(
            AttemptId.Of(runId, task, attempt),
            runId,
            DagIdOf(runId),
            task,
            attempt,
            work.Kind,
            work.Image,
            work.Command,
            work.Env,
            (int)Math.Ceiling(work.Timeout.TotalSeconds),
            work.MemoryMiB,
            work.Cpus,
            queuedAt,
            work.Queue,
            work.Priority ?? PriorityWeights.Default
        )
        {
            TmpMiB = work.TmpMiB,
        };
}
