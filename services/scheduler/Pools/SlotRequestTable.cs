using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.Pools;

/// <summary>
/// The tasks that wait for slots or hold some: one row for each that has a pool or a limit and is scheduled, queued or
/// running. <see cref="SlotRequestRows"/> writes them with the events of runs, <see cref="SlotGrants"/> grants.
/// </summary>
public sealed class SlotRequestTable(NpgsqlDataSource database)
{
    /// <summary>The columns of <see cref="Read(NpgsqlDataReader)"/>.</summary>
    internal const string Columns =
        "stream_id, task, number, dag_id, pool, slots, per_run, per_dag, per_dagrun, priority, requested_at, state";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("scheduler", "slot_request", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("stream_id").AsPrimaryKey();
        table.AddColumn<string>("task").AsPrimaryKey();
        table.AddColumn<int>("number").NotNull(); // which request of the task
        table.AddColumn<string>("dag_id").NotNull();
        table.AddColumn<string>("pool"); // null for a task that has limits alone
        table.AddColumn<int>("slots").NotNull();
        table.AddColumn<int>("per_run");
        table.AddColumn<int>("per_dag");
        table.AddColumn<int>("per_dagrun");
        table.AddColumn<int>("priority").NotNull();
        table.AddColumn<DateTimeOffset>("requested_at").NotNull();
        table.AddColumn<DateTimeOffset>("turn_at").NotNull(); // as SlotRequest.Turn
        table.AddColumn<string>("limit_key").NotNull(); // as SlotRequest.Key
        table.AddColumn<string>("state").NotNull(); // a SlotState
        table.AddColumn<DateTimeOffset>("granted_at"); // null while it waits
        table.Indexes.Add(
            new IndexDefinition("slot_request_waiting")
            {
                Columns = ["limit_key", "turn_at", "stream_id", "task"],
                Predicate = "state = 'Waiting'",
            }
        );
        table.Indexes.Add(
            new IndexDefinition("slot_request_holding") { Columns = ["pool"], Predicate = "state <> 'Waiting'" }
        );
        return table;
    }

    /// <summary>What one run waits for and holds.</summary>
    public Task<IReadOnlyList<SlotRequest>> OfRun(string streamId, CancellationToken cancellationToken) =>
        Read($"select {Columns} from scheduler.slot_request where stream_id = $1", cancellationToken, streamId);

    /// <summary>All that hold slots.</summary>
    public Task<IReadOnlyList<SlotRequest>> Holding(CancellationToken cancellationToken) =>
        Read($"select {Columns} from scheduler.slot_request where state <> 'Waiting'", cancellationToken);

    /// <summary>Requests of a pool that wait and come before a turn, at most so many, in order.</summary>
    public Task<IReadOnlyList<SlotRequest>> Before(
        string pool,
        DateTimeOffset turn,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Read(
            $"""
            select {Columns} from scheduler.slot_request where state = 'Waiting' and pool = $1 and turn_at < $2
            order by turn_at, priority desc, stream_id, task limit $3
            """,
            cancellationToken,
            pool,
            turn.ToUniversalTime(),
            limit
        );

    /// <summary>Slots by pool and state, for lists of pools.</summary>
    public async Task<ILookup<string, (SlotState State, int Slots)>> Usage(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select pool, state, sum(slots)::int from scheduler.slot_request where pool is not null group by pool, state
            """
        );
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string Pool, SlotState State, int Slots)>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add((rows.GetString(0), Enum.Parse<SlotState>(rows.GetString(1)), rows.GetInt32(2)));
        return found.ToLookup(x => x.Pool, x => (x.State, x.Slots));
    }

    /// <summary>Granted requests whose task was not queued within a time: the process that granted them is gone, or
    /// failed to.</summary>
    public Task<IReadOnlyList<SlotRequest>> GrantedBefore(TimeSpan age, CancellationToken cancellationToken) =>
        Read(
            $"""
            select {Columns} from scheduler.slot_request
            where state = 'Granted' and granted_at <= clock_timestamp() - $1 limit 1000
            """,
            cancellationToken,
            age
        );

    async Task<IReadOnlyList<SlotRequest>> Read(
        string sql,
        CancellationToken cancellationToken,
        params object[] parameters
    )
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAll(rows, cancellationToken);
    }

    /// <summary>The requests of a result.</summary>
    internal static async Task<IReadOnlyList<SlotRequest>> ReadAll(
        NpgsqlDataReader rows,
        CancellationToken cancellationToken
    )
    {
        var found = new List<SlotRequest>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(Read(rows));
        return found;
    }

    /// <summary>The request of a result's row.</summary>
    internal static SlotRequest Read(NpgsqlDataReader rows)
    {
        int? Whole(int column) => rows.IsDBNull(column) ? null : rows.GetInt32(column);
        return new(
            rows.GetString(0),
            rows.GetString(1),
            rows.GetInt32(2),
            rows.GetString(3),
            new(rows.IsDBNull(4) ? null : rows.GetString(4), rows.GetInt32(5), Whole(6), Whole(7), Whole(8)),
            rows.GetInt32(9),
            rows.GetFieldValue<DateTimeOffset>(10),
            Enum.Parse<SlotState>(rows.GetString(11))
        );
    }
}
