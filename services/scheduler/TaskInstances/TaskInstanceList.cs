using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.TaskInstances;

/// <summary>A task instance of a list over runs. Times are UTC; outputs are left out.</summary>
sealed record ListedTaskInstance(
    string TaskId,
    string DagId,
    string DagRunId,
    int MapIndex,
    DateTimeOffset LogicalDate,
    DateTimeOffset RunAfter,
    DateTimeOffset? StartDate,
    DateTimeOffset? EndDate,
    double? Duration,
    string State,
    int TryNumber,
    int MaxTries,
    string Pool,
    int PoolSlots,
    string Queue,
    int PriorityWeight,
    int MemoryMib,
    string? Failure,
    string? SkipReason,
    string? Note,
    DateTimeOffset UpdatedAt
)
{
    /// <summary>The same as <see cref="TaskId"/>.</summary>
    public string TaskDisplayName => TaskId;
}

/// <summary>A page of task instances.</summary>
/// <param name="TaskInstances">The task instances.</param>
/// <param name="TotalEntries">How many match; an estimate above 1,000.</param>
/// <param name="TotalEntriesExact">False when it is an estimate.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null when this is the last.</param>
sealed record TaskInstancePage(
    IReadOnlyList<ListedTaskInstance> TaskInstances,
    long TotalEntries,
    bool TotalEntriesExact,
    string? NextCursor
)
{
    public static TaskInstancePage Of(RowPage<ListedTaskInstance> page) =>
        new(page.Rows, page.Total, page.TotalIsExact, page.NextCursor);
}

/// <summary>The orders and filters of lists of task instances.</summary>
static class TaskInstanceList
{
    static readonly string[] States =
    [
        "none",
        "scheduled",
        "queued",
        "running",
        "success",
        "failed",
        "up_for_retry",
        "upstream_failed",
        "skipped",
    ];

    static readonly (string Name, RowOrder Order)[] Orders =
    [
        ("start_date", new("start_date") { HasNulls = true }),
        ("id", new("start_date") { HasNulls = true }),
        ("updated_at", new("updated_at")),
    ];

    /// <summary>What the body of <c>POST …/list</c> may have.</summary>
    public static readonly string[] BodyFields =
    [
        "dag_ids",
        "dag_run_ids",
        "task_ids",
        "state",
        "pool",
        "queue",
        .. BatchBody.Bounds("logical_date", "run_after", "start_date", "end_date", "updated_at", "duration"),
    ];

    /// <summary>Reads <c>order_by</c>.</summary>
    /// <exception cref="RejectedException"><c>invalid_order_by</c></exception>
    public static RowOrder Order(string? orderBy) => RowOrder.Parse(orderBy, Orders);

    /// <summary>
    /// Reads the filters: <c>state</c>, <c>pool</c> and <c>queue</c>, which may be repeated;
    /// <c>task_display_name_pattern</c>, <c>task_id_pattern</c>, <c>dag_id_pattern</c>, <c>run_id_pattern</c>; bounds of
    /// <c>logical_date</c>, <c>run_after</c>, <c>start_date</c>, <c>end_date</c>, <c>updated_at</c>, and of
    /// <c>duration</c> in seconds.
    /// </summary>
    /// <param name="dagIds">The DAGs; none for all.</param>
    /// <param name="runIds">The runs; none for all.</param>
    /// <param name="taskIds">The tasks; none for all.</param>
    /// <param name="query">The parameters.</param>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static IReadOnlyList<RowCondition> Conditions(
        IReadOnlyList<string?> dagIds,
        IReadOnlyList<string?> runIds,
        IReadOnlyList<string?> taskIds,
        IQueryCollection query
    ) =>
        [
            new RowFilter("dag_id", dagIds),
            new RowFilter("stream_id", [.. runIds.Select(x => RunStream.Definition.Prefix + x)]),
            new RowFilter("task_id", taskIds),
            new RowFilter("state", query.Words("state", States)),
            new RowFilter("pool", query["pool"]),
            new RowFilter("queue", query["queue"]),
            new RowPattern("task_id", query.Pattern("task_id_pattern")),
            new RowPattern("task_id", query.Pattern("task_display_name_pattern")),
            new RowPattern("dag_id", query.Pattern("dag_id_pattern")),
            new RowPattern("dag_run_id", query.Pattern("run_id_pattern")),
            query.Instants("logical_date", "logical_date"),
            query.Instants("run_after", "run_after"),
            query.Instants("start_date", "start_date"),
            query.Instants("end_date", "end_date"),
            query.Instants("updated_at", "updated_at"),
            query.Numbers("duration", "duration"),
        ];

    /// <summary>
    /// The same for the tasks of one run, as it is folded: which of them are meant, in the plan's order or that of
    /// <c>order_by</c>.
    /// </summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static IReadOnlyList<TaskInstanceBody> Of(TaskInstanceCollection tasks, IQueryCollection query)
    {
        var (states, pools, queues, names) = (
            query.Words("state", States),
            query["pool"],
            query["queue"],
            query["task_id"]
        );
        SearchPattern?[] patterns = [query.Pattern("task_id_pattern"), query.Pattern("task_display_name_pattern")];
        var (started, ended) = (query.Instants("start_date", ""), query.Instants("end_date", ""));
        var duration = query.Numbers("duration", "");
        var meant = tasks.TaskInstances.Where(x =>
            IsOneOf(x.State, states)
            && IsOneOf(x.Pool, pools)
            && IsOneOf(x.Queue, queues)
            && IsOneOf(x.TaskId, names)
            && patterns.All(p => p?.IsMatch(x.TaskId) is not false)
            && started.Contains(x.StartDate)
            && ended.Contains(x.EndDate)
            && duration.Contains((x.EndDate - x.StartDate)?.TotalSeconds)
        );
        return Ordered(meant, query["order_by"].ToString());
    }

    static List<TaskInstanceBody> Ordered(IEnumerable<TaskInstanceBody> tasks, string orderBy)
    {
        if (orderBy.Length == 0)
            return [.. tasks];
        Func<TaskInstanceBody, IComparable?> key = orderBy.TrimStart('-') switch
        {
            "task_id" or "task_display_name" => x => x.TaskId,
            "state" => x => x.State,
            "try_number" => x => x.TryNumber,
            "start_date" => x => x.StartDate,
            "end_date" => x => x.EndDate,
            "duration" => x => x.EndDate - x.StartDate,
            _ => throw new RejectedException(
                "invalid_order_by",
                $"'order_by' is '{orderBy}'; give one of task_id, state, try_number, start_date, end_date, duration, "
                    + "with '-' in front for the reverse"
            ),
        };
        var complete = tasks.OrderBy(x => key(x) is null); // missing values come last, as in Airflow
        return [.. orderBy[0] == '-' ? complete.ThenByDescending(key) : complete.ThenBy(key)];
    }

    static bool IsOneOf(string value, IReadOnlyCollection<string?> values) =>
        values.Count == 0 || values.Contains(value);
}
