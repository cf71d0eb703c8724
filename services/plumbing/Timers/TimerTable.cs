using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Plumbing.Timers;

/// <summary>
/// Timers as rows, armed in the transaction of the events that ask for them and claimed by the database's clock. Each
/// claim is a lease: a process that dies between claim and handling leaves a timer that somebody else takes when the
/// lease ends.
/// </summary>
public sealed class TimerTable(string schema, NpgsqlDataSource database, TimerSignal signal)
{
    /// <summary>How long a claimed timer belongs to the process that claimed it.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    readonly string armIn = $"""
        insert into {schema}.timer (stream_id, purpose, due_at, token) values (?, ?, clock_timestamp() + ?, gen_random_uuid())
        on conflict (stream_id, purpose) do update set due_at = excluded.due_at, token = excluded.token, lease_until = null
        """;
    readonly string armAt = $"""
        insert into {schema}.timer (stream_id, purpose, due_at, token) values (?, ?, ?, gen_random_uuid())
        on conflict (stream_id, purpose) do update set due_at = excluded.due_at, token = excluded.token, lease_until = null
        """;
    readonly string disarm = $"delete from {schema}.timer where stream_id = ? and purpose = ?";
    readonly string claim = $"""
        update {schema}.timer t set lease_until = clock_timestamp() + @lease
        from (select stream_id, purpose from {schema}.timer
              where due_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp())
              order by due_at limit @limit for update skip locked) due
        where t.stream_id = due.stream_id and t.purpose = due.purpose
        returning t.stream_id, t.purpose, t.due_at, clock_timestamp(), t.token
        """;
    readonly string settle =
        $"delete from {schema}.timer where stream_id = @stream and purpose = @purpose and token = @token";
    readonly string next =
        $"select min(greatest(due_at, coalesce(lease_until, due_at))) - clock_timestamp() from {schema}.timer";
    readonly string ofStream = $"select purpose, due_at from {schema}.timer where stream_id = @stream";
    readonly string overdue =
        $"select coalesce(clock_timestamp() - min(due_at), interval '0') from {schema}.timer where due_at < clock_timestamp()";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema(string schema)
    {
        var table = new Table(new PostgresqlObjectName(schema, "timer", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("stream_id").AsPrimaryKey();
        table.AddColumn<string>("purpose").AsPrimaryKey();
        table.AddColumn<DateTimeOffset>("due_at").NotNull();
        table.AddColumn<Guid>("token").NotNull();
        table.AddColumn<DateTimeOffset>("lease_until");
        table.Indexes.Add(new IndexDefinition("timer_due_at") { Columns = ["due_at"] });
        return table;
    }

    /// <summary>The statement that makes a change; <see cref="Committed"/> is called after it.</summary>
    public RowChange Row(string streamId, TimerChange change) =>
        change switch
        {
            TimerChange.In x => new(armIn, streamId, x.Purpose, x.Delay) { IsAwaited = false },
            TimerChange.At x => new(armAt, streamId, x.Purpose, x.DueAt.ToUniversalTime()) { IsAwaited = false },
            TimerChange.Off x => new(disarm, streamId, x.Purpose) { IsAwaited = false },
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, message: null),
        };

    /// <summary>Wakes the dispatcher when it would otherwise look too late for one of these timers.</summary>
    public void Committed(IEnumerable<TimerChange> changes)
    {
        if (
            changes.Any(x =>
                x is TimerChange.At || x is TimerChange.In { Delay: var delay } && delay < TimerDispatcher.SafetyPeriod
            )
        )
            signal.Set();
    }

    /// <summary>Makes a change in a transaction of its own.</summary>
    public async Task Change(string streamId, TimerChange change, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(Row(streamId, change).ToCommand());
        await batch.ExecuteNonQueryAsync(cancellationToken);
        Committed([change]);
    }

    /// <summary>Takes due timers on lease.</summary>
    public async Task<IReadOnlyList<(TimerDue Timer, Guid Token)>> Claim(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(claim);
        command.Parameters.AddWithValue("lease", Lease);
        command.Parameters.AddWithValue("limit", limit);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<(TimerDue, Guid)>();
        while (await rows.ReadAsync(cancellationToken))
            due.Add(
                (
                    new(
                        rows.GetString(0),
                        rows.GetString(1),
                        rows.GetFieldValue<DateTimeOffset>(2),
                        rows.GetFieldValue<DateTimeOffset>(3)
                    ),
                    rows.GetGuid(4)
                )
            );
        return due;
    }

    /// <summary>Removes a handled timer unless it was armed anew meanwhile.</summary>
    public async Task Settle(TimerDue timer, Guid token, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(settle);
        command.Parameters.AddWithValue("stream", timer.StreamId);
        command.Parameters.AddWithValue("purpose", timer.Purpose);
        command.Parameters.AddWithValue("token", token);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The armed timers of one stream: when each is due (UTC), by its purpose.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> Of(
        string streamId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(ofStream);
        command.Parameters.AddWithValue("stream", streamId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var due = new Dictionary<string, DateTimeOffset>();
        while (await rows.ReadAsync(cancellationToken))
            due.Add(rows.GetString(0), rows.GetFieldValue<DateTimeOffset>(1));
        return due;
    }

    /// <summary>
    /// Time until the next timer can be claimed; null when there is none. Negative when one is overdue.
    /// </summary>
    public async Task<TimeSpan?> UntilNext(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(next);
        return await command.ExecuteScalarAsync(cancellationToken) as TimeSpan?;
    }

    /// <summary>How late the oldest due timer is; zero when none is.</summary>
    public async Task<TimeSpan> Overdue(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(overdue);
        return await command.ExecuteScalarAsync(cancellationToken) is TimeSpan late ? late : TimeSpan.Zero;
    }
}
