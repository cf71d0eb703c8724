using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Nightshift.DagFiles.Groups;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>Asks for a run.</summary>
/// <param name="DagRunId">The caller's key, which makes a repeated request the same run: letters, digits, <c>.</c>,
/// <c>_</c>, <c>-</c>, at most 150. Null makes a new run each time.</param>
/// <param name="Conf">Values for the DAG's parameters. A parameter that is declared by a default alone takes text;
/// other JSON given for it is its text.</param>
/// <param name="LogicalDate">The instant the run stands for; null for <paramref name="RunAfter"/>, or now.</param>
/// <param name="RunAfter">When it may start at the earliest; null for at once. Until then it is queued.</param>
/// <param name="Note">What a person writes about it, at most 1000 characters; null for nothing.</param>
/// <param name="DataIntervalStart">Where the time begins that it covers; null, as the end, for none.</param>
/// <param name="DataIntervalEnd">Where that time ends.</param>
sealed partial record TriggerRequest(
    [property: JsonPropertyName("dag_run_id")] string? DagRunId,
    IReadOnlyDictionary<string, JsonElement>? Conf,
    [property: JsonPropertyName("logical_date")] DateTimeOffset? LogicalDate,
    [property: JsonPropertyName("run_after")] DateTimeOffset? RunAfter,
    string? Note,
    [property: JsonPropertyName("data_interval_start")] DateTimeOffset? DataIntervalStart,
    [property: JsonPropertyName("data_interval_end")] DateTimeOffset? DataIntervalEnd
)
{
    /// <exception cref="RejectedException"><c>invalid_data_interval</c></exception>
    public DataInterval? Interval() =>
        (DataIntervalStart, DataIntervalEnd) switch
        {
            (null, null) => null,
            ({ } start, { } end) when start <= end => new(start.ToUniversalTime(), end.ToUniversalTime()),
            (null, _) or (_, null) => throw new RejectedException(
                "invalid_data_interval",
                "Give both 'data_interval_start' and 'data_interval_end', or neither"
            ),
            _ => throw new RejectedException(
                "invalid_data_interval",
                $"'data_interval_end' is {DataIntervalEnd:O}, which is before 'data_interval_start'; give a later one"
            ),
        };

    /// <exception cref="RejectedException"><c>invalid_dag_run_id</c></exception>
    public static RunId RunIdOf(string dagId, string? asked, DateTimeOffset at) =>
        asked switch
        {
            null => RunId.Manual(dagId, $"{at.UtcDateTime:yyyyMMddTHHmmssfffZ}_{Guid.NewGuid().ToString("N")[..6]}"),
            _ when !Key().IsMatch(asked) => throw new RejectedException(
                "invalid_dag_run_id",
                $"'dag_run_id' is '{asked}'; use at most 150 letters, digits, '.', '_' and '-'"
            ),
            _ when asked.StartsWith($"manual__{dagId}__", StringComparison.Ordinal) => new(asked),
            _ => RunId.Manual(dagId, asked),
        };

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,150}\z")]
    private static partial Regex Key();
}

/// <summary>
/// A run. Times are UTC; <paramref name="State"/> is queued, running, success or failed. <paramref name="StartDate"/>
/// is null while it is queued.
/// </summary>
sealed record RunBody(
    string DagRunId,
    string DagId,
    DateTimeOffset LogicalDate,
    DateTimeOffset? DataIntervalStart,
    DateTimeOffset? DataIntervalEnd,
    DateTimeOffset QueuedAt,
    DateTimeOffset RunAfter,
    DateTimeOffset? StartDate,
    DateTimeOffset? EndDate,
    string RunType,
    string State,
    string? TriggeredBy,
    string? DagVersion,
    IReadOnlyDictionary<string, JsonElement>? Conf
)
{
    /// <summary>The same as <see cref="DagId"/>.</summary>
    public string DagDisplayName => DagId;

    /// <summary>Seconds from start to end; null while it has not ended, and when it never started.</summary>
    public double? Duration => (EndDate - StartDate)?.TotalSeconds;

    /// <summary>Who asked for a manual run; null for another.</summary>
    public string? TriggeringUserName => RunType == "manual" ? TriggeredBy : null;

    /// <summary>What a person noted about it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The person who cancelled or marked it; null when nobody did.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Why it ended before its tasks did: timeout, fail_fast, cancelled or marked_failed; null when it did
    /// not.</summary>
    public string? StopReason { get; init; }

    /// <summary>When it changed last, its tasks aside (UTC); only in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? UpdatedAt { get; init; }

    public static RunBody Of(Run run) => Of(run.Queued!, run);

    static RunBody Of(RunQueued queued, Run run) =>
        new(
            queued.RunId.Value,
            queued.DagId,
            queued.LogicalDate,
            queued.Interval?.Start,
            queued.Interval?.End,
            queued.At,
            queued.RunAfter ?? queued.At,
            run.StartedAt,
            run.FinishedAt,
            NameOf(queued.Type),
            StateOf(run),
            queued.Cause,
            queued.DagVersion,
            queued.Conf
        )
        {
            Note = run.Note,
            EndedBy = run.EndedBy,
            StopReason = NameOf(run.Stopped),
        };

    /// <summary>As lists have it: without its parameters.</summary>
    public static RunBody Of(RunRow row) =>
        new(
            RunStream.RunIdOf(row.Id),
            row.DagId,
            row.LogicalDate,
            row.Interval?.Start,
            row.Interval?.End,
            row.QueuedAt,
            row.RunAfter ?? row.QueuedAt,
            row.StartedAt,
            row.FinishedAt,
            NameOf(row.Type),
            row.State,
            row.Cause,
            row.DagVersion,
            null
        )
        {
            Note = row.Note,
            EndedBy = row.EndedBy,
            StopReason = NameOf(row.Stopped),
            UpdatedAt = row.UpdatedAt,
        };

    /// <summary>Airflow's word for where a run stands.</summary>
    public static string StateOf(Run run) => NameOf(run.Outcome, run.StartedAt);

    static string? NameOf(StopReason? reason) =>
        reason is { } x ? JsonNamingPolicy.SnakeCaseLower.ConvertName(x.ToString()) : null;

    static string NameOf(RunType type) => type.ToString().ToLowerInvariant();

    static string NameOf(RunOutcome? outcome, DateTimeOffset? startedAt) =>
        outcome switch
        {
            RunOutcome.Succeeded => "success",
            RunOutcome.Failed => "failed",
            _ when startedAt is null => "queued",
            _ => "running",
        };
}

/// <summary>A page of runs.</summary>
/// <param name="DagRuns">The runs.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
sealed record RunCollection(
    IReadOnlyList<RunBody> DagRuns,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
)
{
    public static RunCollection Of(RowPage<RunRow> page) =>
        new([.. page.Rows.Select(RunBody.Of)], page.Total, page.TotalIsExact, page.NextCursor);
}

/// <summary>
/// A task instance. Times are UTC; <paramref name="MaxTries"/> counts the first attempt too;
/// <paramref name="Failure"/> is why the latest attempt failed, null when it has not, and
/// <paramref name="SkipReason"/> why the task was skipped, null when it was not. In a list, long values of
/// <paramref name="Outputs"/> are left out, and <paramref name="StoredOutputs"/> has their hashes and lengths; null when
/// none is.
/// </summary>
sealed record TaskInstanceBody(
    string TaskId,
    string DagId,
    string DagRunId,
    string State,
    int TryNumber,
    int MaxTries,
    DateTimeOffset? StartDate,
    DateTimeOffset? EndDate,
    int MemoryMib,
    string TriggerRule,
    IReadOnlyList<string> UpstreamTaskIds,
    IReadOnlyDictionary<string, string> Outputs,
    string? Failure,
    string? SkipReason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        IReadOnlyDictionary<string, ValueReference>? StoredOutputs
)
{
    /// <summary>What a person noted about it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The pool it takes slots of; <c>default_pool</c> for a task that takes none.</summary>
    public required string Pool { get; init; }

    /// <summary>Slots it takes; 0 for a task without a pool.</summary>
    public required int PoolSlots { get; init; }

    /// <summary>Its priority, with what its weight rule adds.</summary>
    public required int PriorityWeight { get; init; }

    /// <summary>The executor queue.</summary>
    public required string Queue { get; init; }

    /// <summary>What its latest attempt was asked to do; null when it was not queued, and in lists.</summary>
    public RenderedFields? RenderedFields { get; init; }

    /// <summary>Which instance of a mapped task, from 0; -1 for a task that is not mapped.</summary>
    public required int MapIndex { get; init; }

    /// <summary>What the instance is called; null when it has no name.</summary>
    public string? RenderedMapIndex { get; init; }

    public static TaskInstanceBody Of(RunQueued queued, TaskSpec spec, TaskInstance task) =>
        new(
            TaskInstanceId.TaskOf(spec.TaskId),
            queued.DagId,
            queued.RunId.Value,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(task.State.ToString()),
            task.Attempt,
            task.ClearedAt + task.Requeued + spec.Retries + 1,
            task.StartedAt,
            task.EndedAt,
            task.MemoryMiB,
            TriggerRuleNames.Of(spec.Rule),
            spec.Needs,
            task.Outputs,
            task.Failure?.ToString(),
            task.Skip?.ToString(),
            task.StoredOutputs
        )
        {
            Note = task.Note,
            Pool = spec.Pool ?? PoolName.Default,
            PoolSlots = spec.Pool is null ? 0 : spec.PoolSlots ?? 1,
            PriorityWeight = queued.Plan.Has(TaskInstanceId.TaskOf(spec.TaskId))
                ? queued.Plan.PriorityOf(spec.TaskId)
                : spec.PriorityWeight ?? PriorityWeights.Default,
            Queue = spec.Queue,
            MapIndex = TaskInstanceId.Parse(spec.TaskId).MapIndex,
            RenderedMapIndex = task.RenderedMapIndex,
        };

    /// <summary>A task that the run has no more.</summary>
    public static TaskInstanceBody Of(RunQueued queued, RemovedTask removed) =>
        Of(queued, removed.Spec, removed.Task) with
        {
            State = "removed",
        };
}

sealed record TaskInstanceCollection(IReadOnlyList<TaskInstanceBody> TaskInstances, int TotalEntries)
{
    /// <param name="run">The run.</param>
    /// <param name="group">Only the tasks of this group; null for all.</param>
    /// <exception cref="RejectedException"><c>unknown_task_group</c></exception>
    public static TaskInstanceCollection Of(Run run, string? group)
    {
        if (group is not null && !run.Plan.Names.IsGroup(group))
            throw new RejectedException("unknown_task_group", $"Run '{run.Queued!.RunId}' has no group '{group}'");
        bool IsMeant(TaskSpec task) => group is null || TaskNames.IsIn(task.TaskId, group);
        var bodies = Of(run, run.InstancesAndRemoved.Where(IsMeant)).TaskInstances;
        var removed = (run.Removed?.Values ?? [])
            .Where(x => IsMeant(x.Spec))
            .OrderBy(x => x.Spec.TaskId, StringComparer.Ordinal)
            .Select(x => TaskInstanceBody.Of(run.Queued!, x))
            .ToList();
        return new([.. bodies, .. removed], bodies.Count + removed.Count);
    }

    public static TaskInstanceCollection Of(Run run, IEnumerable<TaskSpec> tasks)
    {
        var bodies = tasks.Select(x => TaskInstanceBody.Of(run.Queued!, x, run.Tasks[x.TaskId])).ToList();
        return new(bodies, bodies.Count);
    }
}

/// <summary>One attempt of a task. Times are UTC; <paramref name="Failure"/> is null when it has not failed.</summary>
sealed record TaskTryBody(
    string TaskId,
    string DagId,
    string DagRunId,
    int TryNumber,
    string State,
    DateTimeOffset? QueuedWhen,
    DateTimeOffset? StartDate,
    DateTimeOffset? EndDate,
    double? Duration,
    int? MemoryMib,
    string? Queue,
    string? Failure
)
{
    /// <summary>Which instance of a mapped task, from 0; -1 for a task that is not mapped.</summary>
    public required int MapIndex { get; init; }

    public static TaskTryBody Of(RunQueued run, string task, TaskTry x) =>
        new(
            TaskInstanceId.TaskOf(task),
            run.DagId,
            run.RunId.Value,
            x.Number,
            x.State,
            x.QueuedAt,
            x.StartedAt,
            x.EndedAt,
            (x.EndedAt - x.StartedAt)?.TotalSeconds,
            x.MemoryMiB,
            x.Queue,
            x.Failure
        )
        {
            MapIndex = TaskInstanceId.Parse(task).MapIndex,
        };
}

/// <summary>All attempts of a task, under Airflow's name for them.</summary>
sealed record TaskTryCollection(IReadOnlyList<TaskTryBody> TaskInstances, int TotalEntries);

/// <summary>What one attempt of a task was asked to do.</summary>
sealed record RenderedFieldsBody(
    string DagId,
    string DagRunId,
    string TaskId,
    int TryNumber,
    RenderedFields RenderedFields
);
