using Nightshift.Plumbing.Timers;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Requirements;
using Npgsql;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Starts queued runs as far as <c>max_active_runs</c> of their DAG allows, in order of their logical dates, and none
/// while the DAG is paused or a DAG that it requires has not succeeded. Asked by
/// timers that the events arm: a run was queued, its <c>run_after</c> has come, or a run has ended; and when a DAG that
/// is required has succeeded. A crash between
/// the choice and the start leaves the timer, and with it the choice, to another process.
/// </summary>
public sealed class RunAdmission(
    NpgsqlDataSource database,
    TimerTable timers,
    RunStore runs,
    RequiredDags required,
    TimeProvider clock
)
{
    /// <summary>
    /// How often the first waiting run asks again by itself. A safety net: the end of a run of a version
    /// of the DAG without a limit arms no timer.
    /// </summary>
    public static readonly TimeSpan SafetyPeriod = TimeSpan.FromMinutes(1);

    // One decision at a time for a DAG: what is counted must not change before the choice is committed.
    const string Lock = "select pg_advisory_xact_lock(hashtextextended('nightshift admission ' || @dag, 0))";

    // A run that is chosen and has not started counts too. It moves from the one table to the other in one transaction.
    const string Active = $"""
        (select count(*) from scheduler.mt_doc_runrow
          where state = 'running' and dag_id = @dag and data ->> 'backfillId' is null)
        + (select count(*) from {WaitingRuns.Table} where dag_id = @dag and admitted_at is not null)
        """;
    const string Limit = """
        (select case when (data ->> 'isPaused')::boolean then 0 else (data -> 'spec' ->> 'maxActiveRuns')::bigint end
          from scheduler.mt_doc_dagrow where id = @dag_stream)
        """;

    const string Choose = $"""
        update {WaitingRuns.Table} set admitted_at = clock_timestamp() where stream_id in (
          select stream_id from {WaitingRuns.Table}
          where dag_id = @dag and admitted_at is null and run_after <= clock_timestamp()
          order by logical_date, stream_id
          limit case when {Limit} is not null then greatest({Limit} - ({Active}), 0) end
          for update)
        """;

    const string Chosen = $"""
        select stream_id from {WaitingRuns.Table} where dag_id = @dag and admitted_at is not null
        order by logical_date, stream_id
        """;

    const string FirstWaiting = $"""
        select stream_id from {WaitingRuns.Table}
        where dag_id = @dag and admitted_at is null and run_after <= clock_timestamp()
        order by logical_date, stream_id limit 1
        """;

    const string IsTickOverdue = """
        select exists (select 1 from scheduler.mt_doc_tickcursor
          where id = @dag_stream and (data ->> 'nextTick')::timestamptz <= clock_timestamp())
        """;

    const string Room = $"""
        select {Limit} - ({Active})
          - (select count(*) from {WaitingRuns.Table}
              where dag_id = @dag and admitted_at is null and run_after <= clock_timestamp())
        """;

    /// <summary>Starts the runs of a DAG whose turn it is. Harmless when repeated.</summary>
    public async Task Admit(string dagId, CancellationToken cancellationToken)
    {
        foreach (var streamId in await Select(dagId, cancellationToken))
        {
            var begin = new BeginRun(clock.GetUtcNow());
            await runs.Transact(
                RunStream.RunIdOf(streamId),
                (run, values) => RunDecider.Decide(run, begin, values),
                cancellationToken
            );
        }
        await WakeWaiting(dagId, cancellationToken);
    }

    /// <summary>Whether a run of the DAG waits although its time has come.</summary>
    public async Task<bool> HasWaiting(string dagId, CancellationToken cancellationToken) =>
        (await Read(database.CreateCommand(FirstWaiting), dagId, cancellationToken)).Count > 0;

    /// <summary>
    /// How many runs the schedule of a DAG may make now: queued runs count as active. Zero or less for none.
    /// </summary>
    public async Task<int> RoomForTicks(string dagId, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(database.CreateCommand(Room), dagId);
        return await command.ExecuteScalarAsync(cancellationToken) is long room ? (int)Math.Min(room, limit) : limit;
    }

    async Task<List<string>> Select(string dagId, CancellationToken cancellationToken)
    {
        var isReady = (await required.Unmet(dagId, cancellationToken)).Count == 0;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var sql in isReady ? (string[])[Lock, Choose] : [Lock])
        {
            await using var command = Command(new NpgsqlCommand(sql, connection, transaction), dagId);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        var chosen = await Read(new NpgsqlCommand(Chosen, connection, transaction), dagId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return chosen;
    }

    // What still waits: the first run for its safety net, and a tick that found no room for the room there is now.
    async Task WakeWaiting(string dagId, CancellationToken cancellationToken)
    {
        var first = await Read(database.CreateCommand(FirstWaiting), dagId, cancellationToken);
        await using var overdue = Command(database.CreateCommand(IsTickOverdue), dagId);
        foreach (var streamId in first)
            await timers.Change(
                streamId,
                new TimerChange.In(RunStream.AdmissionCheckTimer, SafetyPeriod),
                cancellationToken
            );
        if (first.Count == 0 && await overdue.ExecuteScalarAsync(cancellationToken) is true)
            await timers.Change(
                Dag.Stream.Prefix + dagId,
                new TimerChange.In(Dag.TickTimer, TimeSpan.Zero),
                cancellationToken
            );
    }

    static async Task<List<string>> Read(NpgsqlCommand of, string dagId, CancellationToken cancellationToken)
    {
        await using var command = Command(of, dagId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(rows.GetString(0));
        return found;
    }

    static NpgsqlCommand Command(NpgsqlCommand command, string dagId)
    {
        command.Parameters.AddWithValue("dag", dagId);
        command.Parameters.AddWithValue("dag_stream", Dag.Stream.Prefix + dagId);
        return command;
    }
}
