using Marten;
using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Schedules;
using Npgsql;

namespace Nightshift.Scheduler.Dags;

/// <summary>A DAG of a list.</summary>
/// <param name="Row">The DAG.</param>
/// <param name="Cursor">How far its schedule has come; null when it never had one.</param>
/// <param name="LastRun">Its latest run; null when it has none, and when nobody asked.</param>
sealed record ListedDag(DagRow Row, TickCursor? Cursor, LastRun? LastRun)
{
    /// <summary>Its name.</summary>
    public string DagId => Row.Spec.DagId;

    /// <summary>When its schedule makes the next run (UTC); null for never.</summary>
    public DateTimeOffset? NextRun =>
        Row.Spec.Schedule is { } schedule && Cursor is not null ? TickDecider.DueAt(schedule, Cursor) : null;
}

/// <summary>Where the latest run of a DAG stands, and since when.</summary>
sealed record LastRun(string State, DateTimeOffset? StartedAt);

/// <summary>
/// Finds DAGs. They are hundreds, not millions: those that fit by themselves are looked at one by one, and of their
/// runs
/// only what an index finds.
/// </summary>
sealed class DagList(IDocumentStore store, NpgsqlDataSource database)
{
    /// <summary>All that fit, in an order.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="orderBy">Airflow's <c>order_by</c>; null for the name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RejectedException"><c>invalid_order_by</c></exception>
    public async Task<IReadOnlyList<ListedDag>> Find(
        DagFilter filter,
        string? orderBy,
        CancellationToken cancellationToken
    )
    {
        var (column, descending) = Order(orderBy);
        await using var session = store.QuerySession();
        IQueryable<DagRow> all = session.Query<DagRow>();
        if (filter.ExcludesStale)
            all = all.Where(x => x.Live);
        var rows = (await all.ToListAsync(cancellationToken)).Where(filter.Fits).ToList();
        if (filter.OfSomeRun.Any(x => !x.IsEmpty))
        {
            var some = await WithSomeRun(rows, filter.OfSomeRun, cancellationToken);
            rows.RemoveAll(x => !some.Contains(x.Spec.DagId));
        }
        var last =
            filter.LastRunStates.Count > 0 || column is "last_run_state" or "last_run_start_date"
                ? await LastRuns(rows, cancellationToken)
                : [];
        var cursors = (
            await session.LoadManyAsync<TickCursor>(cancellationToken, rows.Select(x => x.Id).ToArray())
        ).ToDictionary(x => x.Id);
        var found = rows.Select(x => new ListedDag(
                x,
                cursors.GetValueOrDefault(x.Id),
                last.GetValueOrDefault(x.Spec.DagId)
            ))
            .Where(x =>
                filter.LastRunStates.Count == 0 || x.LastRun is { } run && filter.LastRunStates.Contains(run.State)
            );
        return Ordered(found, column, descending);
    }

    // Missing values come last, as in Airflow; the name decides between equals.
    static List<ListedDag> Ordered(IEnumerable<ListedDag> dags, string column, bool descending)
    {
        var complete = dags.Select(x => (Dag: x, Key: KeyOf(x, column))).OrderBy(x => x.Key is null);
        var ordered = descending
            ? complete.ThenByDescending(x => x.Key, Comparer).ThenByDescending(x => x.Dag.DagId, StringComparer.Ordinal)
            : complete.ThenBy(x => x.Key, Comparer).ThenBy(x => x.Dag.DagId, StringComparer.Ordinal);
        return [.. ordered.Select(x => x.Dag)];
    }

    static readonly Comparer<object?> Comparer = Comparer<object?>.Create(
        (x, y) => x is string a && y is string b ? string.CompareOrdinal(a, b) : Comparer<object?>.Default.Compare(x, y)
    );

    static object? KeyOf(ListedDag dag, string column) =>
        column switch
        {
            "next_dagrun" => dag.NextRun,
            "last_run_state" => dag.LastRun?.State,
            "last_run_start_date" => dag.LastRun?.StartedAt,
            _ => dag.DagId,
        };

    static (string Column, bool Descending) Order(string? orderBy) =>
        orderBy?.TrimStart('-') switch
        {
            null or "" or "dag_id" or "dag_display_name" => ("dag_id", orderBy?.StartsWith('-') is true),
            "next_dagrun" or "last_run_state" or "last_run_start_date" => (orderBy.TrimStart('-'), orderBy[0] == '-'),
            _ => throw new RejectedException(
                "invalid_order_by",
                $"'order_by' is '{orderBy}'; give dag_id, dag_display_name, next_dagrun, last_run_state or "
                    + "last_run_start_date, with '-' in front for the reverse"
            ),
        };

    async Task<HashSet<string>> WithSomeRun(
        IEnumerable<DagRow> dags,
        IReadOnlyList<RowCondition> conditions,
        CancellationToken cancellationToken
    )
    {
        var used = conditions.Where(x => !x.IsEmpty).Select((x, i) => (Condition: x, Name: $"v{i}")).ToList();
        var matching = used.Select(x => x.Condition.Sql($"r.{x.Condition.Column}", x.Name));
        await using var command = database.CreateCommand(
            $"""
            select d.dag from unnest(@dags) d(dag) where exists (
              select 1 from scheduler.mt_doc_runrow r where r.dag_id = d.dag and {string.Join(" and ", matching)})
            """
        );
        foreach (var (condition, name) in used)
            condition.AddTo(command.Parameters, name);
        command.Parameters.AddWithValue("dags", dags.Select(x => x.Spec.DagId).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new HashSet<string>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetString(0));
        return found;
    }

    async Task<Dictionary<string, LastRun>> LastRuns(IEnumerable<DagRow> dags, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select d.dag, r.state, r.started_at from unnest(@dags) d(dag) cross join lateral (
              select state, started_at from scheduler.mt_doc_runrow r
              where r.dag_id = d.dag order by r.queued_at desc, r.id desc limit 1) r
            """
        );
        command.Parameters.AddWithValue("dags", dags.Select(x => x.Spec.DagId).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, LastRun>();
        while (await reader.ReadAsync(cancellationToken))
            found[reader.GetString(0)] = new(
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2)
            );
        return found;
    }
}
