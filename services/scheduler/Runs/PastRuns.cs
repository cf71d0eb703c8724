using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Npgsql;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// Starts tasks that waited for the DAG's previous run, the one with the nearest earlier logical date. Asked when a
/// task begins to wait, when a task ends that the next run may wait for, and by the run's watchdog.
/// </summary>
public sealed class PastRuns(
    NpgsqlDataSource database,
    StreamStore<Run> runs,
    RunStore outputs,
    DagCatalog catalog,
    TimeProvider clock
)
{
    /// <summary>Runs looked at after the end of a task; the others are looked at by their watchdogs.</summary>
    const int NextAtMost = 16;

    // As in Airflow: a DAG that catches up goes by its schedule, any other by whatever ran before.
    const string Previous = """
        select id from scheduler.mt_doc_runrow
        where dag_id = @dag and logical_date < @date and (not @scheduled or data ->> 'type' = 'Scheduled')
        order by logical_date desc, queued_at desc limit 1
        """;

    const string Next = """
        select id from scheduler.mt_doc_runrow
        where dag_id = @dag and logical_date > @date and state = 'running'
        order by logical_date, queued_at limit @most
        """;

    /// <summary>Starts the tasks of a run that need not wait any more. Harmless when repeated.</summary>
    public async Task Check(string runId, CancellationToken cancellationToken)
    {
        var run = (await runs.Transact(runId, static _ => [], cancellationToken)).State;
        if (run is not { Queued: { } queued, Outcome: null, Plan.WaitsForPast: true })
            return;
        var waiting = run.Instances.Where(x => run.Tasks[x.TaskId].WaitsForPast).ToList();
        if (waiting.Count == 0)
            return;
        var previous = await PreviousOf(queued, cancellationToken);
        var done = waiting.Where(x => PastDependency.IsMet(x, previous)).Select(x => x.TaskId).ToList();
        if (done.Count == 0)
            return;
        var past = new PastDone(done, clock.GetUtcNow());
        await outputs.Transact(runId, (x, values) => RunDecider.Decide(x, past, values), cancellationToken);
    }

    /// <summary>A task of a run has ended that the next run may wait for.</summary>
    public async Task CheckNext(string runId, CancellationToken cancellationToken)
    {
        var run = (await runs.Transact(runId, static _ => [], cancellationToken)).State;
        if (run.Queued is not { } queued)
            return;
        await using var command = Command(Next, queued);
        command.Parameters.AddWithValue("most", NextAtMost);
        foreach (var streamId in await Read(command, cancellationToken))
            await Check(RunStream.RunIdOf(streamId), cancellationToken);
    }

    async Task<Run?> PreviousOf(RunQueued queued, CancellationToken cancellationToken)
    {
        var dag = await catalog.Find(queued.DagId, cancellationToken);
        await using var command = Command(Previous, queued);
        command.Parameters.AddWithValue("scheduled", dag.Spec?.Schedule?.Catchup is true);
        return await Read(command, cancellationToken) is [var streamId, ..]
            ? (await runs.Load(RunStream.RunIdOf(streamId), cancellationToken)).State
            : null;
    }

    NpgsqlCommand Command(string sql, RunQueued queued)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("dag", queued.DagId);
        command.Parameters.AddWithValue("date", queued.LogicalDate.ToUniversalTime());
        return command;
    }

    static async Task<IReadOnlyList<string>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(rows.GetString(0));
        return found;
    }
}
