using Marten;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Scheduler.Runs;

/// <summary>The list of runs: its columns and indexes, its orders, and its filters.</summary>
static class RunList
{
    /// <summary>Airflow's words for where a run stands.</summary>
    public static readonly string[] States = ["queued", "running", "success", "failed"];

    /// <summary>What the body of <c>POST …/list</c> may have.</summary>
    public static readonly string[] BodyFields =
    [
        "dag_ids",
        "states",
        .. BatchBody.Bounds("logical_date", "run_after", "start_date", "end_date", "updated_at", "duration"),
    ];

    static readonly string[] Types = [.. Enum.GetNames<RunType>().Select(x => x.ToLowerInvariant())];

    static readonly (string Name, RowOrder Order)[] Orders =
    [
        ("queued_at", new("queued_at")),
        ("id", new("queued_at")),
        ("run_after", new("run_after")),
        ("logical_date", new("logical_date")),
        ("start_date", new("started_at") { HasNulls = true }),
        ("end_date", new("finished_at") { HasNulls = true }),
        ("updated_at", new("updated_at")),
        ("duration", new("duration") { HasNulls = true, IsNumber = true }),
    ];

    /// <summary>Keeps what the list is filtered and ordered by in columns, with the indexes for it.</summary>
    public static void Add(StoreOptions store) =>
        store.AddList<RunRow>(
            [
                nameof(RunRow.QueuedAt),
                nameof(RunRow.LogicalDate),
                nameof(RunRow.DagId),
                nameof(RunRow.State),
                nameof(RunRow.Type),
                nameof(RunRow.RunAfter),
                nameof(RunRow.StartedAt),
                nameof(RunRow.FinishedAt),
                nameof(RunRow.UpdatedAt),
                nameof(RunRow.Duration),
            ],
            ["queued_at"],
            ["logical_date"],
            ["run_after"],
            ["started_at"],
            ["finished_at"],
            ["updated_at"],
            ["duration"],
            ["dag_id", "queued_at"],
            ["dag_id", "logical_date"],
            ["dag_id", "run_after"],
            ["dag_id", "started_at"],
            ["dag_id", "finished_at"],
            ["state", "queued_at"],
            ["type", "queued_at"]
        );

    /// <summary>Fills the columns in a database from before they were there.</summary>
    public static DataMigration Migration { get; } =
        new(
            Before: "select",
            After: """
            update scheduler.mt_doc_runrow set
              data = data || jsonb_build_object('runAfter', coalesce(data ->> 'runAfter', data ->> 'queuedAt'),
                'updatedAt', coalesce(data ->> 'finishedAt', data ->> 'startedAt', data ->> 'queuedAt')),
              type = data ->> 'type',
              run_after = coalesce(data ->> 'runAfter', data ->> 'queuedAt')::timestamptz,
              started_at = (data ->> 'startedAt')::timestamptz,
              finished_at = (data ->> 'finishedAt')::timestamptz,
              updated_at = coalesce(data ->> 'finishedAt', data ->> 'startedAt', data ->> 'queuedAt')::timestamptz,
              duration = extract(epoch from (data ->> 'finishedAt')::timestamptz - (data ->> 'startedAt')::timestamptz)
            where updated_at is null
            """
        );

    /// <summary>Reads <c>order_by</c>.</summary>
    /// <exception cref="RejectedException"><c>invalid_order_by</c></exception>
    public static RowOrder Order(string? orderBy) => RowOrder.Parse(orderBy, Orders);

    /// <summary>
    /// Reads the filters: <c>state</c> and <c>run_type</c>, which may be repeated; <c>dag_id_pattern</c>,
    /// <c>run_id_pattern</c>; bounds of <c>logical_date</c>, <c>run_after</c>, <c>start_date</c>, <c>end_date</c>,
    /// <c>updated_at</c> and <c>duration</c>, in seconds.
    /// </summary>
    /// <param name="dagIds">The DAGs; none for all.</param>
    /// <param name="query">The parameters.</param>
    /// <param name="states">The name of the parameter with the states.</param>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static IReadOnlyList<RowCondition> Conditions(
        IReadOnlyList<string?> dagIds,
        IQueryCollection query,
        string states = "state"
    ) =>
        [
            new RowFilter("dag_id", dagIds),
            new RowFilter("state", query.Words(states, States)),
            new RowFilter("type", [.. query.Words("run_type", Types).Select(ToColumn)]),
            new RowPattern("dag_id", query.Pattern("dag_id_pattern")),
            new RowPattern("id", query.Pattern("run_id_pattern")) { Behind = RunStream.Definition.Prefix.Length },
            query.Instants("logical_date", "logical_date"),
            query.Instants("run_after", "run_after"),
            query.Instants("start_date", "started_at"),
            query.Instants("end_date", "finished_at"),
            query.Instants("updated_at", "updated_at"),
            query.Numbers("duration", "duration"),
        ];

    // the name of the value
    static string ToColumn(string type) => Enum.Parse<RunType>(type, ignoreCase: true).ToString();
}
