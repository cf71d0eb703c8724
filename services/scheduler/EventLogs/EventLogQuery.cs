using Nightshift.Plumbing.Lists;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Runs;
using Npgsql;

namespace Nightshift.Scheduler.EventLogs;

/// <summary>Which events are asked for.</summary>
/// <param name="Events">Their types; none of others are listed.</param>
sealed record EventLogFilter(IReadOnlyList<string> Events)
{
    /// <summary>The DAG; null for any.</summary>
    public string? DagId { get; init; }

    /// <summary>The run; null for any.</summary>
    public string? RunId { get; init; }

    /// <summary>The task; null for any.</summary>
    public string? TaskId { get; init; }

    /// <summary>The index of a mapped task, -1 for one that is not mapped; null for any.</summary>
    public int? MapIndex { get; init; }

    /// <summary>The attempt; null for any.</summary>
    public int? TryNumber { get; init; }

    /// <summary>Who did it; null for anybody.</summary>
    public string? Owner { get; init; }

    /// <summary>Earlier than this; null for any time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Later than this; null for any time.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="RejectedException"><c>invalid_…</c> with the name of the parameter</exception>
    public static EventLogFilter Of(IQueryCollection query) =>
        new(Types(query))
        {
            DagId = Text(query, "dag_id"),
            RunId = Text(query, "run_id"),
            TaskId = Text(query, "task_id"),
            MapIndex = query.Whole("map_index"),
            TryNumber = query.Whole("try_number"),
            Owner = Text(query, "owner"),
            Before = query.Instant("before"),
            After = query.Instant("after"),
        };

    static string[] Types(IQueryCollection query)
    {
        var events = query.Words("event", LoggedEvents.Names);
        var included = query.Words("included_events", LoggedEvents.Names);
        var excluded = query.Words("excluded_events", LoggedEvents.Names);
        return
        [
            .. LoggedEvents.Names.Where(x =>
                (events.Count == 0 || events.Contains(x))
                && (included.Count == 0 || included.Contains(x))
                && !excluded.Contains(x)
            ),
        ];
    }

    static string? Text(IQueryCollection query, string name) =>
        query[name].ToString() is { Length: > 0 } text ? text : null;
}

/// <summary>
/// The statements of the event log. Each type is read by itself, from the end of its part of an index on: by type, by
/// type's events of a DAG or an owner, or by stream. So a page costs its own rows for each type, however long the log
/// is.
/// </summary>
sealed class EventLogQuery(EventLogFilter filter)
{
    /// <summary>Transactions may be this long under way: their events have numbers that others have passed.</summary>
    static readonly TimeSpan LongestTransaction = TimeSpan.FromMinutes(5);

    readonly Dictionary<DateTimeOffset, long> positions = [];

    /// <summary>The tasks of an event, as in <see cref="Contracts.TaskInstanceId"/>.</summary>
    const string Tasks = """
        (select data ->> 'task' as name union all select t ->> 'task'
          from jsonb_array_elements(case jsonb_typeof(data -> 'tasks') when 'array' then data -> 'tasks' else '[]' end) t)
        """;
    const string TaskId = @"regexp_replace(name, '\[\d+\]$', '')";
    const string MapIndex = @"coalesce(substring(name from '\[(\d{1,9})\]$')::int, -1)";

    /// <summary>What is long, or may hold values that are nobody's business.</summary>
    const string Hidden = "'{plan,params,typedParams,trigger,spec,conf,dates,value,by,at,task,attempt}'::text[]";

    const string Columns = $"""
        seq_id, timestamp, type, {LoggedEvents.DagId} dag_id, {LoggedEvents.Owner} owner, data ->> 'task' task_id,
        (data ->> 'attempt')::int try_number, stream_id, (data - {Hidden})::text extra
        """;

    /// <summary>One page, and a row more when there is another.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="from">Where the page before ended; null for the first.</param>
    /// <param name="descending">The latest first.</param>
    /// <param name="most">Rows at most.</param>
    /// <param name="offset">Rows to pass over.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<NpgsqlCommand> Page(
        NpgsqlConnection connection,
        long? from,
        bool descending,
        int most,
        int offset,
        CancellationToken cancellationToken
    )
    {
        var direction = descending ? "desc" : "asc";
        var behind = from is null ? "" : $" and seq_id {(descending ? "<" : ">")} @from";
        var command = await Command(
            connection,
            $"""
            with page as (
              select * from ({Union("seq_id", $"{behind} order by seq_id {direction} limit @most")}) found
              order by seq_id {direction} limit @limit offset @offset)
            select {Columns}, run.logical_date from page join scheduler.mt_events e using (seq_id)
            left join lateral (select logical_date from scheduler.mt_doc_runrow r where r.id = e.stream_id) run on true
            order by seq_id {direction}
            """,
            cancellationToken
        );
        command.Parameters.AddWithValue("most", most + offset);
        command.Parameters.AddWithValue("limit", most);
        command.Parameters.AddWithValue("offset", offset);
        if (from is { } seq)
            command.Parameters.AddWithValue("from", seq);
        return command;
    }

    /// <summary>How many there are, as far as they are counted.</summary>
    public Task<NpgsqlCommand> Count(NpgsqlConnection connection, int upTo, CancellationToken cancellationToken) =>
        Command(
            connection,
            $"select count(*) from (select 1 from ({Union("seq_id", $" limit {upTo}")}) found limit {upTo}) counted",
            cancellationToken
        );

    /// <summary>About how many there are.</summary>
    public Task<NpgsqlCommand> Estimate(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Command(connection, $"explain (format json) {Union("1", "")}", cancellationToken);

    /// <summary>One event.</summary>
    public static NpgsqlCommand One(NpgsqlConnection connection, long id)
    {
        var command = new NpgsqlCommand(
            $"""
            select {Columns}, run.logical_date from scheduler.mt_events e
            left join lateral (select logical_date from scheduler.mt_doc_runrow r where r.id = e.stream_id) run on true
            where seq_id = @id and type = any(@types)
            """,
            connection
        );
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("types", LoggedEvents.Names);
        return command;
    }

    string Union(string columns, string rest) =>
        string.Join(
            " union all ",
            Parts.Select(x => $"(select {columns} from scheduler.mt_events where {x}{Matching}{rest})")
        );

    // All types are one walk along an index of the listed events. Some types are read one by one, since the others may
    // be a thousand times as many. Words of our own as literals: only then are the indexes known to cover them.
    IEnumerable<string> Parts =>
        (filter.Events.Count, filter.DagId) switch
        {
            (0, _) => ["false"],
            var (count, dag) when count == LoggedEvents.Names.Length => dag is null
                ? [LoggedEvents.Predicate]
                : [$"{LoggedEvents.Predicate} and {OfDag}", $"{LoggedEvents.OfBackfill} and {OfBackfillOfDag}"],
            (_, null) when filter.Owner is null => filter.Events.Select(x => $"type = '{x}'"),
            (_, null) => filter.Events.Select(x => $"type = '{x}' and {LoggedEvents.Predicate}"),
            _ => filter.Events.Select(x =>
                $"type = '{x}' and {LoggedEvents.Predicate} and {(IsOfBackfill(x) ? OfBackfillOfDag : OfDag)}"
            ),
        };

    static bool IsOfBackfill(string type) => type.StartsWith("backfill_", StringComparison.Ordinal);

    const string OfDag = $"{LoggedEvents.DagId} = @dag";
    const string OfBackfillOfDag = "stream_id in (select id from scheduler.mt_doc_backfillrow where dag_id = @dag)";

    string? OfTask =>
        (filter.TaskId, filter.MapIndex) switch
        {
            (null, null) => null,
            (_, null) => $"exists (select from {Tasks} x where {TaskId} = @task)",
            (null, _) => $"exists (select from {Tasks} x where name is not null and {MapIndex} = @map_index)",
            _ => $"exists (select from {Tasks} x where {TaskId} = @task and {MapIndex} = @map_index)",
        };

    string Matching =>
        string.Concat(
            new[]
            {
                filter.RunId is null ? null : "stream_id = @run",
                OfTask,
                filter.TryNumber is null ? null : "(data ->> 'attempt')::int = @try_number",
                filter.Owner is null ? null : $"{LoggedEvents.Owner} = @owner",
                filter.Before is null ? null : "seq_id < @before_seq and timestamp < @before",
                filter.After is null ? null : "seq_id >= @after_seq and timestamp > @after",
            }
                .OfType<string>()
                .Select(x => $" and {x}")
        );

    // The calendar has ends, and callers may name them.
    static DateTimeOffset Shifted(DateTimeOffset instant, TimeSpan by) =>
        new(Math.Clamp(instant.UtcTicks + by.Ticks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    async Task<NpgsqlCommand> Command(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (
            var (name, value) in new (string, object?)[]
            {
                ("dag", filter.DagId),
                ("run", filter.RunId is { } run ? RunStream.Definition.Prefix + run : null),
                ("task", filter.TaskId),
                ("map_index", filter.MapIndex),
                ("try_number", filter.TryNumber),
                ("owner", filter.Owner),
                ("before", filter.Before),
                ("after", filter.After),
            }
        )
            if (value is not null)
                command.Parameters.AddWithValue(name, value);
        if (filter.Before is { } before)
            command.Parameters.AddWithValue("before_seq", await Position(Shifted(before, LongestTransaction)));
        if (filter.After is { } after)
            command.Parameters.AddWithValue("after_seq", await Position(Shifted(after, -LongestTransaction)));
        return command;

        async Task<long> Position(DateTimeOffset instant)
        {
            if (!positions.TryGetValue(instant, out var position))
                positions[instant] = position = await EventPositions.Of(
                    instant,
                    "scheduler",
                    connection,
                    cancellationToken
                );
            return position;
        }
    }
}
