using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The DAGs in which an attempt, a task or a run has failed. Somebody may wait for the next success of such a DAG:
/// successes are published until one settles the failure, and then none until the next failure. The successes of all
/// others, which are nearly all there are, concern nobody.
/// </summary>
public sealed class DagFailures(NpgsqlDataSource database)
{
    const string Name = "scheduler.dag_failure";

    /// <summary>
    /// The rows of failures and successes, in the transaction of the events. Nothing is locked where nothing changes:
    /// runs of several DAGs that go on failing do not wait for each other.
    /// </summary>
    static class Sql
    {
        public const string Insert = $"insert into {Name} (dag_id) values (?) on conflict do nothing";

        public const string Unsettle =
            $"update {Name} set settled_by = null where dag_id = ? and settled_by is not null";

        public const string NoteFailedRun = $"""
            update {Name} set failed_logical_date = greatest(failed_logical_date, ?),
              failed_queued_at = greatest(failed_queued_at, ?)
            where dag_id = ?
            """;

        // As for the healer: a success that is older than a run that failed says nothing about it.
        public const string Settle = $"""
            update {Name} set settled_by = ?, failed_logical_date = null, failed_queued_at = null
            where dag_id = ? and settled_by is null
              and coalesce(failed_logical_date <= ?, true) and coalesce(failed_queued_at <= ?, true)
            """;
    }

    const string Select = $"""
        select exists (select from {Name} where dag_id = $1 and (settled_by is null or settled_by = $2))
        """;

    const string SetUnsettled = $"""
        insert into {Name} (dag_id) values ($1) on conflict (dag_id) do update set settled_by = null
        """;

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema { get; } = Table();

    /// <summary>Fills it in a database from before it was there.</summary>
    public static DataMigration Migration { get; } =
        new(
            Before: "select",
            After: $"""
            insert into {Name} (dag_id)
            select distinct split_part(stream_id, '__', 2) from scheduler.mt_events
            where type in ('task_failed', 'task_up_for_retry') and not exists (select from {Name})
            union select dag_id from scheduler.mt_doc_runrow
            where state = 'failed' and not exists (select from {Name})
            on conflict do nothing
            """
        );

    /// <summary>
    /// True when the success of a run is to be published: something of the DAG has failed, and no success has settled
    /// it, or this very run has.
    /// </summary>
    public async ValueTask<bool> IsAwaited(string dagId, string runId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = dagId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = runId });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// Somebody waits for the next success of a DAG: a failure was heard of after the success that settled it.
    /// </summary>
    public async Task Await(string dagId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SetUnsettled);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = dagId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The DAG is gone.</summary>
    public async Task Forget(string dagId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"delete from {Name} where dag_id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = dagId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What an event changes in the row of its DAG.</summary>
    internal static IEnumerable<RowChange> Rows(Run run, object e)
    {
        var (runId, dagId) = (run.Queued!.RunId.Value, run.Queued.DagId);
        switch (e)
        {
            // a run that was reopened may be what somebody waits for
            case TaskFailed or TaskUpForRetry or TaskCleared or RunFinished { Outcome: RunOutcome.Failed }:
                yield return Change(Sql.Insert, dagId);
                yield return Change(Sql.Unsettle, dagId);
                if (e is RunFinished failed)
                    yield return Change(Sql.NoteFailedRun, failed.LogicalDate, failed.QueuedAt, dagId);
                break;
            case RunFinished { Outcome: RunOutcome.Succeeded } x:
                yield return Change(Sql.Settle, runId, dagId, x.LogicalDate, x.QueuedAt);
                break;
            default:
                break;
        }

        static RowChange Change(string sql, params IReadOnlyList<object> values) =>
            new(sql, [.. values.Select(x => x is DateTimeOffset at ? at.ToUniversalTime() : x)]) { IsAwaited = false };
    }

    static Table Table()
    {
        var table = new Table(
            new PostgresqlObjectName("scheduler", "dag_failure", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("dag_id").AsPrimaryKey();
        table.AddColumn<string>("settled_by"); // the run whose success settled all failures; null while none has
        table.AddColumn<DateTimeOffset>("failed_logical_date"); // the newest of the runs that failed since
        table.AddColumn<DateTimeOffset>("failed_queued_at");
        return table;
    }
}
