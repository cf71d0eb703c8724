using System.Globalization;
using Nightshift.Contracts;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;
using Nightshift.Plumbing.Timers;

namespace Nightshift.Scheduler.Runs;

/// <summary>How run streams are named, folded, timed and told to others.</summary>
public static class RunStream
{
    const string RetryTimer = "retry";

    /// <summary>Run streams.</summary>
    public static StreamDefinition<Run> Definition { get; } =
        new("run-", typeof(RunEvent), Run.None, Run.Evolve)
        {
            ChangedKeys = ChangedTasks,
            IsEnded = run => run.Outcome is not null,
            Timers = (_, e) =>
                e is TaskUpForRetry x
                    ?
                    [
                        new TimerChange.In(
                            string.Create(CultureInfo.InvariantCulture, $"{RetryTimer}:{x.Task}:{x.Attempt + 1}"),
                            x.RetryAt - x.At
                        ),
                    ]
                    : [],
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
            [typeof(RunFinished)],
            new StreamRows("mt_doc_runrow", "id")
        )
        {
            Condition = """
                exists (select 1 from scheduler.mt_doc_runrow run join scheduler.mt_doc_runrow newer
                  on newer.dag_id = run.dag_id and newer.queued_at > run.queued_at where run.id = ended.stream_id)
                """,
        };

    // An end is counted by the tasks behind it; everything else concerns one task. Null compares all.
    static IReadOnlyCollection<string>? ChangedTasks(Run run, object @event) =>
        @event switch
        {
            TaskQueued x => [x.Task],
            TaskStarted x => [x.Task],
            TaskUpForRetry x => [x.Task],
            TaskSucceeded x => WithSuccessors(run, x.Task),
            TaskFailed x => WithSuccessors(run, x.Task),
            TaskSkipped x => WithSuccessors(run, x.Task),
            TaskUpstreamFailed x => WithSuccessors(run, x.Task),
            RunFinished => [],
            _ => null,
        };

    static string[] WithSuccessors(Run run, string task) => [task, .. run.Plan.After(task).Select(x => x.TaskId)];

    /// <summary>The task and attempt a retry timer stands for.</summary>
    public static (string Task, int Attempt)? Retry(string purpose) =>
        purpose.Split(':') is [RetryTimer, var task, var attempt]
            ? (task, int.Parse(attempt, CultureInfo.InvariantCulture))
            : null;

    /// <summary>The run a stream id stands for.</summary>
    public static string RunIdOf(string streamId) => streamId[Definition.Prefix.Length..];

    /// <summary>The DAG inside a run id.</summary>
    public static string DagIdOf(string runId) => runId.Split("__") is [_, var dagId, _, ..] ? dagId : "";

    /// <summary>What others hear of a run.</summary>
    public static void Tell(OutgoingMap map)
    {
        map.On<TaskQueued>(e =>
            [new Outgoing(Start(RunIdOf(e.StreamKey!), e.Data), ExecutorQueue.OfTasks(e.Data.Work.Queue))]
        );
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
        map.Publish<RunFinished>(e =>
        {
            var (dag, run) = Of(e.StreamKey!);
            return e.Data.Outcome is RunOutcome.Succeeded ? Succeeded(dag, run, e.Data) : Failed(dag, run, e.Data);
        });
    }

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
        );

    static (string Dag, string Run) Of(string streamId) => (DagIdOf(RunIdOf(streamId)), RunIdOf(streamId));

    static StartAttempt Start(string runId, TaskQueued x) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{runId}.{x.Task}.{x.Attempt}"),
            runId,
            DagIdOf(runId),
            x.Task,
            x.Attempt,
            x.Work.Kind,
            x.Work.Image,
            x.Work.Command,
            x.Work.Env,
            (int)Math.Ceiling(x.Work.Timeout.TotalSeconds),
            x.Work.MemoryMiB,
            x.Work.Cpus,
            x.At
        );
}
