using System.Text.Json;
using System.Text.Json.Serialization;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Interventions;

/// <summary>Changes a run. What is absent stays as it is.</summary>
/// <param name="State"><c>success</c> or <c>failed</c>.</param>
/// <param name="Note">A note, at most 1000 characters; empty takes the one there is away.</param>
/// <param name="DryRun">Answers the tasks that would be changed, and changes nothing; ours, not Airflow's.</param>
sealed record RunPatch(string? State, string? Note, [property: JsonPropertyName("dry_run")] bool DryRun = false);

/// <summary>Changes a task of a run. What is absent stays as it is.</summary>
/// <param name="NewState"><c>success</c>, <c>failed</c> or <c>skipped</c>.</param>
/// <param name="Note">As in <see cref="RunPatch"/>.</param>
/// <param name="Upstream">Also every task before it; default false.</param>
/// <param name="Downstream">Also every task behind it; default false.</param>
/// <param name="Past">Also in the runs of earlier logical dates; default false.</param>
/// <param name="Future">Also in the runs of later logical dates; default false.</param>
sealed record TaskPatch(
    [property: JsonPropertyName("new_state")] string? NewState,
    string? Note,
    [property: JsonPropertyName("include_upstream")] bool Upstream = false,
    [property: JsonPropertyName("include_downstream")] bool Downstream = false,
    [property: JsonPropertyName("include_past")] bool Past = false,
    [property: JsonPropertyName("include_future")] bool Future = false
);

/// <summary>Ends a run or a task; ours, not Airflow's.</summary>
/// <param name="Note">Why, at most 1000 characters; may be absent.</param>
/// <param name="DryRun">Answers the tasks that would be ended, and ends nothing; default false.</param>
sealed record CancelRequest(string? Note, [property: JsonPropertyName("dry_run")] bool DryRun = false);

/// <summary>Runs the tasks of a run again.</summary>
/// <param name="DryRun">Answers the tasks that would be cleared, and clears nothing; default true.</param>
/// <param name="OnlyFailed">Only those that failed; default false.</param>
/// <param name="Note">Why, at most 1000 characters; may be absent; ours, not Airflow's.</param>
/// <param name="OnLatest">The run goes on with the live version of its DAG; default false.</param>
sealed record ClearRunRequest(
    [property: JsonPropertyName("dry_run")] bool DryRun = true,
    [property: JsonPropertyName("only_failed")] bool OnlyFailed = false,
    string? Note = null,
    [property: JsonPropertyName("run_on_latest_version")] bool OnLatest = false
);

/// <summary>Runs tasks of one or several runs of a DAG again.</summary>
/// <param name="DryRun">Answers the tasks that would be cleared, and clears nothing; default true.</param>
/// <param name="TaskIds">Ids of tasks or groups, or pairs of one and the index of an instance, -1 for a task that is not
/// mapped; a mapped task without an index means all its instances. Absent for all tasks.</param>
/// <param name="TaskGroupId">A group, whose tasks are meant; not with <paramref name="TaskIds"/>.</param>
/// <param name="DagRunId">The run; or else <paramref name="StartDate"/> and <paramref name="EndDate"/>.</param>
/// <param name="StartDate">The first logical date.</param>
/// <param name="EndDate">The last logical date.</param>
/// <param name="OnlyFailed">Only those that failed; default true.</param>
/// <param name="OnlyRunning">Only those that run; default false; not with <paramref name="OnlyFailed"/>.</param>
/// <param name="Upstream">Also every task before these; default false.</param>
/// <param name="Downstream">Also every task behind these; default false.</param>
/// <param name="Past">Also in the runs of earlier logical dates; default false.</param>
/// <param name="Future">Also in the runs of later logical dates; default false.</param>
/// <param name="ResetDagRuns">Must be true, the default: a run whose tasks are to run goes on.</param>
/// <param name="Note">Why, at most 1000 characters; may be absent; ours, not Airflow's.</param>
/// <param name="OnLatest">The runs go on with the live version of the DAG, whose tasks are meant; default false.</param>
sealed record ClearRequest(
    [property: JsonPropertyName("dry_run")] bool DryRun = true,
    [property: JsonPropertyName("task_ids")] IReadOnlyList<JsonElement>? TaskIds = null,
    [property: JsonPropertyName("task_group_id")] string? TaskGroupId = null,
    [property: JsonPropertyName("dag_run_id")] string? DagRunId = null,
    [property: JsonPropertyName("start_date")] DateTimeOffset? StartDate = null,
    [property: JsonPropertyName("end_date")] DateTimeOffset? EndDate = null,
    [property: JsonPropertyName("only_failed")] bool OnlyFailed = true,
    [property: JsonPropertyName("only_running")] bool OnlyRunning = false,
    [property: JsonPropertyName("include_upstream")] bool Upstream = false,
    [property: JsonPropertyName("include_downstream")] bool Downstream = false,
    [property: JsonPropertyName("include_past")] bool Past = false,
    [property: JsonPropertyName("include_future")] bool Future = false,
    [property: JsonPropertyName("reset_dag_runs")] bool ResetDagRuns = true,
    string? Note = null,
    [property: JsonPropertyName("run_on_latest_version")] bool OnLatest = false
)
{
    /// <summary>Which tasks of each run.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c>, naming the field</exception>
    public TaskSelection Selection()
    {
        if (OnlyFailed && OnlyRunning)
            throw new RejectedException(
                "invalid_only_running",
                "'only_failed' (which is true unless given) and 'only_running' exclude each other; set one to false"
            );
        if (!ResetDagRuns)
            throw new RejectedException(
                "invalid_reset_dag_runs",
                "'reset_dag_runs' is false; leave it out, since a run whose tasks run again goes on"
            );
        if (TaskIds is { Count: 0 })
            throw new RejectedException("invalid_task_ids", "'task_ids' is empty; name tasks, or leave it out for all");
        if (TaskIds is not null && TaskGroupId is not null)
            throw new RejectedException(
                "invalid_task_group_id",
                "'task_ids' and 'task_group_id' exclude each other; give one of them"
            );
        return new(TaskGroupId is { } group ? [group] : TaskIds?.Select(Name).ToList())
        {
            IsGroup = TaskGroupId is not null,
            OnlyFailed = OnlyFailed,
            OnlyRunning = OnlyRunning,
            Upstream = Upstream,
            Downstream = Downstream,
        };
    }

    /// <summary>Which runs; exactly one way to say so.</summary>
    /// <exception cref="RejectedException"><c>invalid_dag_run_id</c>, <c>invalid_end_date</c></exception>
    public RunSelection Runs() =>
        (DagRunId, StartDate, EndDate) switch
        {
            ({ } run, null, null) => new(run) { Past = Past, Future = Future },
            (null, { } start, { } end) when end < start => throw new RejectedException(
                "invalid_end_date",
                "'end_date' is before 'start_date'"
            ),
            (null, { } start, { } end) => new(null) { From = Past ? null : start, Until = Future ? null : end },
            _ => throw new RejectedException(
                "invalid_dag_run_id",
                "Say which runs: give 'dag_run_id', or 'start_date' and 'end_date'"
            ),
        };

    // As Airflow writes an instance: with -1 for a task that is not mapped.
    static string Name(JsonElement element) =>
        element switch
        {
            { ValueKind: JsonValueKind.String } => element.GetString()!,
            { ValueKind: JsonValueKind.Array }
                when element.GetArrayLength() == 2
                    && element[0].ValueKind is JsonValueKind.String
                    && element[1] is { ValueKind: JsonValueKind.Number } index
                    && index.TryGetInt32(out var number)
                    && number >= TaskInstanceId.NotMapped => new TaskInstanceId(
                element[0].GetString()!,
                number
            ).ToString(),
            _ => throw new RejectedException(
                "invalid_task_ids",
                "'task_ids' holds what names no task; write names, or pairs of a name and an index"
            ),
        };
}
