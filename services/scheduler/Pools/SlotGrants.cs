using Npgsql;

namespace Nightshift.Scheduler.Pools;

/// <summary>
/// The one place where slots are granted. One transaction of one process at a time looks at what is taken, decides, and
/// marks the rows: what it read cannot grow meanwhile, since nobody else grants. Slots that are given back at the same
/// time count as taken until that is committed; whoever gave them back grants next. Tasks without pool and limits never
/// come here.
/// </summary>
public sealed class SlotGrants(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Requests of one key that are looked at in one step.</summary>
    public const int MostOfKey = 100;

    const string Lock = "select pg_advisory_xact_lock(hashtextextended('scheduler-slots', 0))";

    // One of each kind that waits: where that one has no room, no other of its kind has. A long backlog of one kind is
    // not read, and hides no other.
    const string Kinds = $"""
        select distinct on (limit_key) {SlotRequestTable.Columns}, limit_key from scheduler.slot_request
        where state = 'Waiting' order by limit_key, turn_at
        """;

    const string Pools = "select name, slots from scheduler.pool for share";

    const string Holding = $"select {SlotRequestTable.Columns} from scheduler.slot_request where state <> 'Waiting'";

    const string FirstOfEach = $"""
        select r.* from unnest($1, $2) as kind (key, most)
        cross join lateral (
          select {SlotRequestTable.Columns} from scheduler.slot_request
          where state = 'Waiting' and limit_key = kind.key order by turn_at, stream_id, task limit kind.most
        ) r
        """;

    // A row whose task is ending now is left to that transaction.
    const string Grant = """
        update scheduler.slot_request r set state = 'Granted', granted_at = clock_timestamp()
        from (
          select s.stream_id, s.task from scheduler.slot_request s
          join unnest($1, $2, $3) as chosen (stream_id, task, number) using (stream_id, task, number)
          where s.state = 'Waiting' for update of s skip locked
        ) free
        where r.stream_id = free.stream_id and r.task = free.task
        returning r.stream_id, r.task
        """;

    /// <summary>Grants what can be granted now.</summary>
    /// <returns>What was granted, and whether there may be more.</returns>
    public async Task<(IReadOnlyList<SlotRequest> Granted, bool More)> Next(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (kinds, ledger) = await Read(connection, cancellationToken);
        var turns = kinds.Select(x => (x.Key, Most: MostOf(ledger, x.Request))).Where(x => x.Most > 0).ToList();
        if (turns.Count == 0)
            return ([], false);
        var waiting = await FirstOf(connection, turns, cancellationToken);
        var chosen = SlotAllocator.Grant(ledger, waiting, clock.GetUtcNow());
        var granted = await Mark(connection, chosen, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var more = granted.Count < chosen.Count || turns.Any(x => x.Most == MostOfKey);
        return (granted, granted.Count > 0 && more);
    }

    // One that lacks slots alone is looked at too: it may have waited long enough to reserve them.
    static int MostOf(SlotLedger ledger, SlotRequest request) =>
        ledger
            .RoomFor(request)
            .Select(x => x.Scope.Kind is LimitKind.Pool ? Math.Max(1, x.Room) : x.Room)
            .Append(MostOfKey)
            .Min();

    static async Task<(IReadOnlyList<(string Key, SlotRequest Request)> Kinds, SlotLedger Ledger)> Read(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(Lock), new(Kinds), new(Pools), new(Holding) },
        };
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        var kinds = new List<(string, SlotRequest)>();
        while (await rows.ReadAsync(cancellationToken))
            kinds.Add((rows.GetString(rows.FieldCount - 1), SlotRequestTable.Read(rows)));
        await rows.NextResultAsync(cancellationToken);
        var pools = new Dictionary<string, int>();
        while (await rows.ReadAsync(cancellationToken))
            pools.Add(rows.GetString(0), rows.GetInt32(1));
        await rows.NextResultAsync(cancellationToken);
        return (kinds, SlotLedger.Of(pools, await SlotRequestTable.ReadAll(rows, cancellationToken)));
    }

    static async Task<IReadOnlyList<SlotRequest>> FirstOf(
        NpgsqlConnection connection,
        IReadOnlyList<(string Key, int Most)> turns,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(FirstOfEach, connection)
        {
            Parameters =
            {
                new() { Value = turns.Select(x => x.Key).ToArray() },
                new() { Value = turns.Select(x => x.Most).ToArray() },
            },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await SlotRequestTable.ReadAll(rows, cancellationToken);
    }

    static async Task<IReadOnlyList<SlotRequest>> Mark(
        NpgsqlConnection connection,
        IReadOnlyList<SlotRequest> chosen,
        CancellationToken cancellationToken
    )
    {
        if (chosen.Count == 0)
            return [];
        await using var command = new NpgsqlCommand(Grant, connection)
        {
            Parameters =
            {
                new() { Value = chosen.Select(x => x.StreamId).ToArray() },
                new() { Value = chosen.Select(x => x.Task).ToArray() },
                new() { Value = chosen.Select(x => x.Number).ToArray() },
            },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var marked = new HashSet<(string, string)>();
        while (await rows.ReadAsync(cancellationToken))
            marked.Add((rows.GetString(0), rows.GetString(1)));
        return [.. chosen.Where(x => marked.Contains((x.StreamId, x.Task)))];
    }
}
