using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Leases;

/// <summary>
/// One row per executor process: until when it counts as alive, by the database's clock. A process that makes no
/// progress does not renew it, whatever becomes of its connections.
/// </summary>
public sealed class LeaseTable(NpgsqlDataSource database)
{
    /// <summary>
    /// How long a lease lasts. With <see cref="RenewalPeriod"/> a lost executor is noticed within 12 s, and a pause of
    /// 8 s costs nothing.
    /// </summary>
    public static readonly TimeSpan Term = TimeSpan.FromSeconds(10);

    /// <summary>How often a lease is renewed, and the others are looked at.</summary>
    public static readonly TimeSpan RenewalPeriod = TimeSpan.FromSeconds(2);

    const string RenewSql = """
        insert into executor.lease (id, engine, lease_until, held_since, stopped)
        values (@id, @engine, clock_timestamp() + @term, clock_timestamp(), false)
        on conflict (id) do update set
          engine = excluded.engine,
          lease_until = excluded.lease_until,
          stopped = false,
          held_since = case when lease.lease_until < clock_timestamp() then clock_timestamp() else lease.held_since end
        returning held_since + @term <= clock_timestamp()
        """;

    // A restart of the server ends every session and proves nothing: then the lease decides. Shared locks are asked
    // for, so that two who ask do not take each other for the owner.
    const string DeadSql = """
        select l.id from executor.lease l
        where l.engine = @engine and l.id <> @id
          and exists (select from executor.open_attempt a where a.executor_id = l.id)
          and (l.stopped or l.lease_until < clock_timestamp()
            or l.lease_until - @term > pg_postmaster_start_time()
              and pg_try_advisory_xact_lock_shared(hashtextextended('executor:' || l.id, 0)))
        """;

    const string SweepSql = """
        delete from executor.lease l where l.lease_until < clock_timestamp() - interval '1 hour'
          and not exists (select from executor.open_attempt a where a.executor_id = l.id)
        """;

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(new PostgresqlObjectName("executor", "lease", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("engine").NotNull();
        table.AddColumn<DateTimeOffset>("lease_until").NotNull();
        table.AddColumn<DateTimeOffset>("held_since").NotNull(); // start of the unbroken lease
        table.AddColumn<bool>("stopped").NotNull();
        return table;
    }

    /// <summary>Takes the lock of a process into a session; it is released with the session.</summary>
    /// <returns>False when another session has it still.</returns>
    public static async Task<bool> TryLock(NpgsqlConnection session, string id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select pg_try_advisory_lock(hashtextextended('executor:' || $1, 0))",
            session
        )
        {
            Parameters = { new() { Value = id } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Renews a lease over the session that holds the lock.</summary>
    /// <returns>
    /// True when it has been held for a whole term without a break. Only then may its holder call others lost: after
    /// an outage of the database everybody's lease has run out, and they need the time to renew.
    /// </returns>
    public static async Task<bool> Renew(
        NpgsqlConnection session,
        string id,
        string engine,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(RenewSql, session)
        {
            CommandTimeout = (int)(Term / 2).TotalSeconds, // a server that is gone must be noticed by use
        };
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("engine", engine);
        command.Parameters.AddWithValue("term", Term);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// Executors of an engine that are gone and left attempts: they said so, their lease has run out, or they have lost
    /// their session while the server went on.
    /// </summary>
    public async Task<IReadOnlyList<string>> Dead(string id, string engine, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(DeadSql);
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("engine", engine);
        command.Parameters.AddWithValue("term", Term);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var dead = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            dead.Add(rows.GetString(0));
        return dead;
    }

    /// <summary>
    /// Says that a process has stopped. The lease lasts until it runs out: who comes next on this engine takes over at
    /// once, and other engines leave it the time to.
    /// </summary>
    public static async Task Stop(NpgsqlConnection session, string id)
    {
        await using var command = new NpgsqlCommand("update executor.lease set stopped = true where id = $1", session)
        {
            CommandTimeout = (int)(Term / 2).TotalSeconds,
            Parameters = { new() { Value = id } },
        };
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Removes rows of processes that are long gone.</summary>
    public async Task Sweep(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SweepSql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
