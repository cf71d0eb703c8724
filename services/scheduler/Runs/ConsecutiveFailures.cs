using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Npgsql;

namespace Nightshift.Scheduler.Runs;

/// <summary>Pauses a DAG whose latest runs have all failed: <c>max_consecutive_failed_dag_runs</c>.</summary>
public sealed class ConsecutiveFailures(
    NpgsqlDataSource database,
    StreamStore<Dag> dags,
    DagCatalog catalog,
    TimeProvider clock
)
{
    // Runs of backfills stand for the past, and say nothing of how the DAG does now.
    const string Failed = """
        select count(*) filter (where state = 'failed') from (
          select state from scheduler.mt_doc_runrow
          where dag_id = @dag and state in ('success', 'failed') and data ->> 'backfillId' is null
          order by logical_date desc, queued_at desc limit @limit) latest
        """;

    /// <summary>A run of the DAG has failed. Harmless when repeated, except that it may pause again what was
    /// unpaused.</summary>
    public async Task Check(string dagId, CancellationToken cancellationToken)
    {
        var dag = await catalog.Find(dagId, cancellationToken);
        if (dag is not { Live: true, IsPaused: false, Spec.MaxConsecutiveFailedDagRuns: { } limit })
            return;
        await using var command = database.CreateCommand(Failed);
        command.Parameters.AddWithValue("dag", dagId);
        command.Parameters.AddWithValue("limit", limit);
        if (await command.ExecuteScalarAsync(cancellationToken) is not long failed || failed < limit)
            return;
        var pause = new PauseDag(By: null, limit, clock.GetUtcNow());
        await dags.Transact(dagId, x => DagDecider.Decide(x, pause), cancellationToken);
    }
}
