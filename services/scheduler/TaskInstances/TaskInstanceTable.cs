using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.TaskInstances;

/// <summary>
/// The task instances of all runs: one row for each that was ever scheduled, queued or ended, written in the
/// transaction of the run's events. Its columns are the fields of Airflow's answer. The list of one run is made of the
/// run itself.
/// </summary>
static class TaskInstanceTable
{
    const string Name = "scheduler.task_instance";

    const string Upsert = $"""
        insert into {Name} (id, stream_id, dag_id, dag_run_id, task_id, map_index, state, try_number, max_tries,
          logical_date, run_after, start_date, end_date, duration, pool, pool_slots, queue, priority_weight, memory_mib,
          failure, skip_reason, note, updated_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, to_timestamp(0)), nullif(?, to_timestamp(0)), nullif(?, -1.0),
          ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), ?)
        on conflict (id) do update set state = excluded.state, try_number = excluded.try_number,
          max_tries = excluded.max_tries, start_date = excluded.start_date, end_date = excluded.end_date,
          duration = excluded.duration, memory_mib = excluded.memory_mib, failure = excluded.failure,
          skip_reason = excluded.skip_reason, note = excluded.note, updated_at = excluded.updated_at
        """;

    /// <summary>As lists read it: the columns are named as the answer's fields.</summary>
    public static RowTable Rows { get; } = new(Name, "to_jsonb(d)", AirflowJson.Options);

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("scheduler", "task_instance", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("id").AsPrimaryKey(); // the stream's id and the task's
        table.AddColumn<string>("stream_id").NotNull();
        table.AddColumn<string>("dag_id").NotNull();
        table.AddColumn<string>("dag_run_id").NotNull();
        table.AddColumn<string>("task_id").NotNull();
        table.AddColumn<int>("map_index").NotNull(); // -1: not mapped
        table.AddColumn<string>("state").NotNull();
        table.AddColumn<int>("try_number").NotNull();
        table.AddColumn<int>("max_tries").NotNull();
        table.AddColumn<DateTimeOffset>("logical_date").NotNull();
        table.AddColumn<DateTimeOffset>("run_after").NotNull();
        table.AddColumn<DateTimeOffset>("start_date");
        table.AddColumn<DateTimeOffset>("end_date");
        table.AddColumn<double>("duration"); // seconds
        table.AddColumn<string>("pool").NotNull();
        table.AddColumn<int>("pool_slots").NotNull();
        table.AddColumn<string>("queue").NotNull();
        table.AddColumn<int>("priority_weight").NotNull();
        table.AddColumn<int>("memory_mib").NotNull();
        table.AddColumn<string>("failure");
        table.AddColumn<string>("skip_reason");
        table.AddColumn<string>("note");
        table.AddColumn<DateTimeOffset>("updated_at").NotNull();
        foreach (
            var columns in (string[][])
                [
                    ["stream_id"],
                    ["start_date", "id"],
                    ["dag_id", "start_date", "id"],
                    ["state", "start_date", "id"],
                    ["updated_at", "id"],
                ]
        )
            table.Indexes.Add(
                new IndexDefinition($"task_instance_by_{string.Join('_', columns.Where(x => x != "id"))}")
                {
                    Columns = columns,
                }
            );
        return table;
    }

    /// <summary>What an event changes, given the run after it.</summary>
    public static IEnumerable<RowChange> Of(Run run, object e) =>
        e is RunEvent { At: var at } ? TasksOf(e).Select(x => Change(run, x, at)) : [];

    // The tasks whose row differs after the event; those behind them only count it.
    static IEnumerable<string> TasksOf(object e) =>
        e switch
        {
            TaskScheduled x => [x.Task],
            TaskQueued x => [x.Task],
            TaskStarted x => [x.Task],
            TaskUpForRetry x => [x.Task],
            TaskRequeued x => [x.Task],
            TaskSucceeded x => [x.Task],
            TaskFailed x => [x.Task],
            TaskSkipped x => [x.Task],
            TaskStopped x => [x.Task],
            TaskUpstreamFailed x => [x.Task],
            TaskCancelled x => [x.Task],
            TaskMarked x => [x.Task],
            TaskNoted x => [x.Task],
            TaskCleared x => x.Reopened.Prepend(x.Task),
            TasksCleared x => x.Tasks.Select(t => t.Task),
            _ => [],
        };

    static RowChange Change(Run run, string taskId, DateTimeOffset at)
    {
        var (queued, spec, task) = (run.Queued!, run.Plan[taskId], run.Tasks[taskId]);
        var stream = RunStream.Definition.Prefix + queued.RunId.Value;
        var body = TaskInstanceBody.Of(queued, spec, task);
        return new(
            Upsert,
            $"{stream}~{taskId}",
            stream,
            queued.DagId,
            queued.RunId.Value,
            taskId,
            -1,
            body.State,
            body.TryNumber,
            body.MaxTries,
            queued.LogicalDate.ToUniversalTime(),
            (queued.RunAfter ?? queued.At).ToUniversalTime(),
            OrEpoch(task.StartedAt),
            OrEpoch(task.EndedAt),
            (task.EndedAt - task.StartedAt)?.TotalSeconds ?? -1,
            body.Pool,
            body.PoolSlots,
            body.Queue,
            body.PriorityWeight,
            body.MemoryMib,
            body.Failure ?? "",
            body.SkipReason ?? "",
            body.Note ?? "",
            at.ToUniversalTime()
        )
        {
            IsAwaited = false,
        };
    }

    static DateTimeOffset OrEpoch(DateTimeOffset? instant) => instant?.ToUniversalTime() ?? DateTimeOffset.UnixEpoch;
}
