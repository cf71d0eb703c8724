using Nightshift.Contracts;
using Npgsql;

namespace Nightshift.Scheduler.Runs;

/// <summary>Finds a success that a failed run was overtaken by.</summary>
public sealed class LaterSuccess(NpgsqlDataSource database)
{
    // Newer by the healer's rule: neither its logical date nor its queueing is earlier.
    const string Sql = """
        select s.id, s.logical_date, s.queued_at, (s.data ->> 'finishedAt')::timestamptz
        from scheduler.mt_doc_runrow f join scheduler.mt_doc_runrow s
          on s.dag_id = f.dag_id and s.logical_date >= f.logical_date and s.queued_at >= f.queued_at
        where f.id = $1 and s.state = 'success'
        order by s.logical_date desc, s.queued_at desc limit 1
        """;

    /// <returns>Null when no newer run, nor the run itself, has succeeded.</returns>
    public async Task<RunSucceeded?> Find(string runId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = RunStream.Definition.Prefix + runId });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
            return null;
        var (dag, run) = RunStream.Of(rows.GetString(0));
        return new(
            dag,
            run,
            rows.GetFieldValue<DateTimeOffset>(1),
            rows.GetFieldValue<DateTimeOffset>(2),
            rows.GetFieldValue<DateTimeOffset>(3)
        );
    }
}
