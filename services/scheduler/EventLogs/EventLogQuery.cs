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

    const string Task = "coalesce(data ->> 'task', '')";
    const string OfTask = $"({Task} = @task or data -> 'tasks' @> @in_tasks)";
    const string MapIndex = "coalesce((data ->> 'mapIndex')::int, case when data ->> 'task' is not null then -1 end)";

    /// <summary>What is long, or may hold values that are nobody's business.</summary>
    const string Hidden = "'{plan,params,trigger,spec,conf,dates,by,at,task,attempt}'::text[]";

    const string Columns = $"""
        seq_id, timestamp, type, {LoggedEvents.DagId} dag_id, {LoggedEvents.Owner} owner, data ->> 'task' task_id,
        {MapIndex} map_index, (data ->> 'attempt')::int try_number, stream_id, data -> 'tasks' tasks,
        (data - {Hidden})::text extra
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

    // The type as a literal: only then is it known to be covered by the indexes of the filters.
    string Union(string columns, string rest) =>
        filter.Events.Count == 0
            ? $"select {columns} from scheduler.mt_events where false"
            : string.Join(
                " union all ",
                filter.Events.Select(x =>
                    $"(select {columns} from scheduler.mt_events where type = '{x}'{Matching(x)}{rest})"
                )
            );

    string Matching(string type) => string.Concat(new[]
            {
                filter.DagId is null ? null
                : type.StartsWith("backfill_", StringComparison.Ordinal)
                    ? "stream_id in (select id from scheduler.mt_doc_backfillrow where dag_id = @dag)"
                : $"{LoggedEvents.DagId} = @dag",
                filter.RunId is null ? null : "stream_id = @run",
                filter.TaskId is null ? null : OfTask,
                filter.MapIndex is null ? null : $"{MapIndex} = @map_index",
                filter.TryNumber is null ? null : "(data ->> 'attempt')::int = @try_number",
                filter.Owner is null ? null : $"{LoggedEvents.Owner} = @owner",
                filter.Before is null ? null : "seq_id < @before_seq and timestamp < @before",
                filter.After is null ? null : "seq_id >= @after_seq and timestamp > @after",
            }.OfType<string>().Select(x => $" and {x}"));

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
        if (filter.TaskId is { } task)
            command.Parameters.Add(
                new NpgsqlParameter("in_tasks", NpgsqlTypes.NpgsqlDbType.Jsonb)
                {
                    Value = System.Text.Json.JsonSerializer.Serialize(new[] { new { task } }),
                }
            );
        if (filter.Before is { } before)
            command.Parameters.AddWithValue("before_seq", await Position(before + LongestTransaction));
        if (filter.After is { } after)
            command.Parameters.AddWithValue("after_seq", await Position(after - LongestTransaction));
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
