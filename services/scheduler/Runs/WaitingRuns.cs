using Nightshift.Plumbing.Streams;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// The runs that are queued and have not started. A row is written in the transaction of <see cref="RunQueued"/> and
/// removed in that of <see cref="RunStarted"/>, or of the end of a run that never started; in between
/// <see cref="RunAdmission"/> marks the runs whose turn it is. Runs that start at once have none.
/// </summary>
static class WaitingRuns
{
    /// <summary>The table, with its schema.</summary>
    public const string Table = "scheduler.waiting_run";

    const string Insert = $"""
        insert into {Table} (stream_id, dag_id, logical_date, run_after, requires)
        values (?, ?, ?, ?, string_to_array(nullif(?, ''), ',')) on conflict do nothing
        """;
    const string Delete = $"delete from {Table} where stream_id = ?";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("scheduler", "waiting_run", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("stream_id").AsPrimaryKey();
        table.AddColumn<string>("dag_id").NotNull();
        table.AddColumn<DateTimeOffset>("logical_date").NotNull();
        table.AddColumn<DateTimeOffset>("run_after").NotNull();
        table.AddColumn<DateTimeOffset>("admitted_at"); // null: its turn has not come
        table.AddColumn("requires", "text[]"); // null: no other DAG
        table.Indexes.Add(new IndexDefinition("waiting_run_by_dag") { Columns = ["dag_id", "logical_date"] });
        table.Indexes.Add(
            new IndexDefinition("waiting_run_requires") { Columns = ["dag_id"], Predicate = "requires is not null" }
        );
        return table;
    }

    /// <summary>What an event changes, given the run after it.</summary>
    public static IEnumerable<RowChange> Of(Run run, object e)
    {
        if (e is RunQueued { RunAfter: { } runAfter } x)
            return
            [
                new(
                    Insert,
                    StreamOf(run),
                    x.DagId,
                    x.LogicalDate.ToUniversalTime(),
                    runAfter.ToUniversalTime(),
                    string.Join(',', x.Requires ?? [])
                )
                {
                    IsAwaited = false,
                },
            ];
        return e is RunStarted || e is RunFinished && run is { Queued.RunAfter: not null, StartedAt: null }
            ? [new(Delete, StreamOf(run)) { IsAwaited = false }]
            : [];
    }

    static string StreamOf(Run run) => RunStream.Definition.Prefix + run.Queued!.RunId.Value;
}
