using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Pools;

/// <summary>What an event of a run does to the row of one of its tasks.</summary>
/// <param name="StreamId">The run's stream.</param>
/// <param name="Task">The task.</param>
public abstract record SlotRowChange(string StreamId, string Task)
{
    /// <summary>It waits from now on.</summary>
    public sealed record Requested(SlotRequest Request) : SlotRowChange(Request.StreamId, Request.Task);

    /// <summary>It holds its slots as before, and is queued or runs now.</summary>
    public sealed record Advanced(string StreamId, string Task, SlotState State) : SlotRowChange(StreamId, Task);

    /// <summary>It waits no more, and gives back what it holds.</summary>
    public sealed record Released(string StreamId, string Task) : SlotRowChange(StreamId, Task);
}

/// <summary>
/// Keeps the rows of <see cref="SlotRequestTable"/> where the events of a run have brought its tasks, in the transaction
/// of those events: a crash can neither leak slots nor give them away twice.
/// </summary>
public static class SlotRequestRows
{
    const string Insert = """
        insert into scheduler.slot_request (stream_id, task, number, dag_id, pool, slots, per_run, per_dag, per_dagrun,
          priority, requested_at, turn_at, limit_key, state)
        values (?, ?, ?, ?, nullif(?, ''), ?, nullif(?, 0), nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, 'Waiting')
        on conflict (stream_id, task) do update set
          number = excluded.number, pool = excluded.pool, slots = excluded.slots, per_run = excluded.per_run,
          per_dag = excluded.per_dag, per_dagrun = excluded.per_dagrun, priority = excluded.priority,
          requested_at = excluded.requested_at, turn_at = excluded.turn_at, limit_key = excluded.limit_key,
          state = excluded.state, granted_at = null
        """;

    /// <summary>False for a run without pools and limits, whose events change no row.</summary>
    public static bool HasAny(Run run) =>
        run.Queued is { } queued && (queued.MaxActiveTasks is not null || queued.Plan.HasLimits);

    // What a task holds that its new version does not ask for. Those that wait have been cleared before.
    static IEnumerable<SlotRowChange> Replanned(Run before, Run after) =>
        before
            .Plan.Tasks.Where(x =>
                TaskLimits.Of(before.Queued!, x) is not null
                && HasRow(before.Tasks[x.TaskId].State)
                && (!after.Plan.Has(x.TaskId) || TaskLimits.Of(after.Queued!, after.Plan[x.TaskId]) is null)
            )
            .Select(x => new SlotRowChange.Released(StreamOf(after.Queued!), x.TaskId));

    /// <summary>What one event changes.</summary>
    /// <param name="before">The run before it.</param>
    /// <param name="after">The run after it.</param>
    /// <param name="e">The event.</param>
    /// <param name="tasks">The tasks it may have changed; null for any.</param>
    public static IEnumerable<SlotRowChange> Of(Run before, Run after, object e, IReadOnlyCollection<string>? tasks)
    {
        if (e is RunReplanned)
            return Replanned(before, after);
        if (!HasAny(after))
            return [];
        var run = after.Queued!;
        if (e is TaskScheduled scheduled)
            return [new SlotRowChange.Requested(Request(run, scheduled))];
        return (tasks ?? [.. before.Tasks.Keys.Union(after.Tasks.Keys)])
            .Where(x => TaskLimits.Of(run, run.Plan[x]) is not null)
            .Select(x => Change(StreamOf(run), x, before.Find(x)?.State, after.Find(x)?.State))
            .OfType<SlotRowChange>();
    }

    /// <summary>The statement that makes a change. One that gives nothing back and asks for nothing is not
    /// awaited.</summary>
    public static RowChange Statement(SlotRowChange change) =>
        change switch
        {
            SlotRowChange.Requested x => Statement(x.Request),
            SlotRowChange.Advanced x => new(
                "update scheduler.slot_request set state = ? where stream_id = ? and task = ?",
                x.State.ToString(),
                x.StreamId,
                x.Task
            )
            {
                IsAwaited = false,
            },
            _ => new(
                "delete from scheduler.slot_request where stream_id = ? and task = ?",
                change.StreamId,
                change.Task
            ),
        };

    static SlotRowChange? Change(string stream, string task, TaskState? before, TaskState? after) =>
        (before, after) switch
        {
            _ when before == after || !HasRow(before) => null,
            (_, TaskState.Queued) => new SlotRowChange.Advanced(stream, task, SlotState.Queued),
            (_, TaskState.Running) => new SlotRowChange.Advanced(stream, task, SlotState.Running),
            _ => new SlotRowChange.Released(stream, task),
        };

    static bool HasRow(TaskState? state) => state is TaskState.Scheduled or TaskState.Queued or TaskState.Running;

    static string StreamOf(RunQueued run) => RunStream.Definition.Prefix + run.RunId.Value;

    static SlotRequest Request(RunQueued run, TaskScheduled x) =>
        new(
            StreamOf(run),
            x.Task,
            x.Request,
            run.DagId,
            TaskLimits.Of(run, run.Plan[x.Task])!,
            x.Priority,
            // instances of a mapped task, which are ready at the same time, go by their index
            x.At.AddMicroseconds(Math.Max(0, TaskInstanceId.Parse(x.Task).MapIndex)),
            SlotState.Waiting
        );

    static RowChange Statement(SlotRequest x) =>
        new(
            Insert,
            x.StreamId,
            x.Task,
            x.Number,
            x.DagId,
            x.Limits.Pool ?? "",
            x.Limits.Slots,
            x.Limits.PerRun ?? 0,
            x.Limits.PerDag ?? 0,
            x.Limits.PerDagrun ?? 0,
            x.Priority,
            x.RequestedAt.ToUniversalTime(),
            x.Turn.ToUniversalTime(),
            x.Key()
        );
}
