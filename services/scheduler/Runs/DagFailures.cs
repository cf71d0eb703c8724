using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The DAGs in which an attempt, a task or a run has ever failed. Somebody may wait for their next success; the
/// successes of all others, which are nearly all there are, concern nobody and are not published.
/// </summary>
public sealed class DagFailures(NpgsqlDataSource database)
{
    const string Name = "scheduler.dag_failure";

    const string Insert = $"insert into {Name} (dag_id) values (?) on conflict do nothing";

    const string Select = $"select exists (select from {Name} where dag_id = $1)";

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

    /// <summary>The row of a DAG, when an event is a failure.</summary>
    internal static IEnumerable<RowChange> Rows(Run run, object e) =>
        e is TaskFailed or TaskUpForRetry or RunFinished { Outcome: RunOutcome.Failed }
            ? [new RowChange(Insert, run.Queued!.DagId) { IsAwaited = false }]
            : [];

    /// <summary>True when anything of a DAG has failed.</summary>
    public async ValueTask<bool> Any(string dagId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = dagId });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    static Table Table()
    {
        var table = new Table(
            new PostgresqlObjectName("scheduler", "dag_failure", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("dag_id").AsPrimaryKey();
        return table;
    }
}
