using System.Globalization;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;
using Npgsql;

namespace Nightshift.Scheduler.Requirements;

/// <summary>
/// What DAGs require of each other. As with <c>max_active_runs</c>, the live version of a DAG says what its queued runs
/// wait for.
/// </summary>
public sealed class RequiredDags(NpgsqlDataSource database)
{
    const string Requirements = $"""
        select r ->> 'dagId', r ->> 'within', required.id is not null,
          latest.id, latest.state, latest.ended_at, clock_timestamp()
        from scheduler.mt_doc_dagrow dag
        cross join lateral jsonb_array_elements(dag.data -> 'spec' -> 'requires') r
        left join scheduler.mt_doc_dagrow required
          on required.id = @prefix || (r ->> 'dagId') and (required.data ->> 'live')::boolean
        left join lateral (
          select id, state, (data ->> 'finishedAt')::timestamptz as ended_at from scheduler.mt_doc_runrow
          where dag_id = r ->> 'dagId' and state <> 'queued'
          order by logical_date desc, queued_at desc limit 1) latest on true
        where dag.id = @prefix || @dag
        """;

    const string Awaiting = $"""
        select distinct dag_id from {WaitingRuns.Table}
        where requires is not null and requires @> array[@dag] and admitted_at is null
        """;

    const string Unknown = """
        select dag.id, dag.data ->> 'file', (dag.data ->> 'at')::timestamptz, r ->> 'dagId'
        from scheduler.mt_doc_dagrow dag
        cross join lateral jsonb_array_elements(dag.data -> 'spec' -> 'requires') r
        where (dag.data ->> 'live')::boolean and not exists (
          select from scheduler.mt_doc_dagrow required
          where required.id = @prefix || (r ->> 'dagId') and (required.data ->> 'live')::boolean)
        """;

    /// <summary>What runs of a DAG wait for.</summary>
    public async Task<IReadOnlyList<RequiredDag>> Unmet(string dagId, CancellationToken cancellationToken) =>
        [.. (await Read(Requirements, dagId, Required, cancellationToken)).Where(x => !x.IsMet)];

    /// <summary>The DAGs with a queued run that requires this one.</summary>
    public Task<IReadOnlyList<string>> WaitingFor(string dagId, CancellationToken cancellationToken) =>
        Read(Awaiting, dagId, x => x.GetString(0), cancellationToken);

    /// <summary>Whether a queued run of another DAG requires this one.</summary>
    public async ValueTask<bool> IsAwaited(string dagId, CancellationToken cancellationToken) =>
        (await WaitingFor(dagId, cancellationToken)).Count > 0;

    /// <summary>The files that require a DAG which is not there.</summary>
    public Task<IReadOnlyList<ImportError>> Missing(CancellationToken cancellationToken) =>
        Read(Unknown, "", MissingDag, cancellationToken);

    static RequiredDag Required(NpgsqlDataReader row) =>
        new(
            new(row.GetString(0))
            {
                Within = row.IsDBNull(1) ? null : TimeSpan.Parse(row.GetString(1), CultureInfo.InvariantCulture),
            },
            row.GetBoolean(2),
            row.IsDBNull(3)
                ? null
                : new(
                    RunStream.RunIdOf(row.GetString(3)),
                    row.GetString(4),
                    row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5)
                ),
            row.GetFieldValue<DateTimeOffset>(6)
        );

    static ImportError MissingDag(NpgsqlDataReader row) =>
        new(
            row.GetString(1),
            [
                new(
                    1,
                    $"DAG '{row.GetString(0)[Dag.Stream.Prefix.Length..]}' requires '{row.GetString(3)}', and there is no "
                        + "such DAG: its runs wait"
                ),
            ],
            row.GetFieldValue<DateTimeOffset>(2)
        );

    async Task<IReadOnlyList<T>> Read<T>(
        string sql,
        string dagId,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("prefix", Dag.Stream.Prefix);
        command.Parameters.AddWithValue("dag", dagId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<T>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(read(rows));
        return found;
    }
}
