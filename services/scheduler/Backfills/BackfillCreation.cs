using System.Text.Json;
using Nightshift.Plumbing.Disk;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using Nightshift.Scheduler.Runs;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;

namespace Nightshift.Scheduler.Backfills;

/// <summary>What a backfill would do with one of its dates.</summary>
/// <param name="LogicalDate">The date (UTC).</param>
/// <param name="Skip">Why it gets no run; null when it does.</param>
public sealed record BackfillPlan(DateTimeOffset LogicalDate, DateSkipReason? Skip);

/// <summary>Creates backfills, one at a time for each DAG.</summary>
public sealed class BackfillCreation(
    StreamStore<Backfill> backfills,
    LatestRuns latest,
    DagCatalog catalog,
    NpgsqlDataSource database,
    DiskSpace disk,
    TimeProvider clock
)
{
    const string Numbers = "backfill_number";

    // Two who ask at the same time must not both find none.
    const string Lock = "select pg_advisory_xact_lock(hashtextextended('nightshift backfill ' || @dag, 0))";
    const string Active = """
        select (data ->> 'backfillId')::bigint from scheduler.mt_doc_backfillrow
        where dag_id = @dag and data ->> 'completedAt' is null limit 1
        """;
    const string Number = $"select nextval('scheduler.{Numbers}')";

    /// <summary>The sequence that numbers them, as the schema tool knows it.</summary>
    public static ISchemaObject Schema() =>
        new Sequence(new PostgresqlObjectName("scheduler", Numbers, SchemaUtils.IdentifierUsage.General));

    /// <summary>Creates one; it begins at once.</summary>
    /// <exception cref="RejectedException"><c>unknown_dag</c>, <c>invalid_params</c>, and what
    /// <see cref="BackfillDecider"/> refuses.</exception>
    public async Task<long> Create(
        string dagId,
        BackfillRange range,
        IReadOnlyDictionary<string, JsonElement> conf,
        string by,
        CancellationToken cancellationToken
    )
    {
        disk.RequireRoom();
        var dag = await Find(dagId, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Scalar(connection, Lock, dagId, cancellationToken);
        var active = await Scalar(connection, Active, dagId, cancellationToken) as long?;
        var id = (long)(await Scalar(connection, Number, dagId, cancellationToken))!;
        var create = new CreateBackfill(id, dag.Spec!, range, conf, by, active, clock.GetUtcNow());
        TryFirstRun(dag, create);
        await backfills.Transact(
            BackfillStream.IdOf(id),
            x => BackfillDecider.Decide(x, create),
            cancellationToken,
            expectNew: true
        );
        return id;
    }

    /// <summary>What one would do now, in its order.</summary>
    /// <exception cref="RejectedException">As for <see cref="Create"/>, except that another one may be
    /// active.</exception>
    public async Task<IReadOnlyList<BackfillPlan>> DryRun(
        string dagId,
        BackfillRange range,
        CancellationToken cancellationToken
    )
    {
        var dag = await Find(dagId, cancellationToken);
        var dates = BackfillDates.Of(dag.Spec!, range, clock.GetUtcNow()).Select(x => x.Start).ToList();
        var known = await latest.Of(dagId, dates, cancellationToken);
        return
        [
            .. dates.Select(x => new BackfillPlan(
                x,
                BackfillDecider.Skip(known.GetValueOrDefault(x), range.Reprocess)
            )),
        ];
    }

    // Parameters that no run takes are refused now and not date after date.
    static void TryFirstRun(Dag dag, CreateBackfill create) =>
        RunDecider.Decide(
            Run.None,
            new StartRun(
                RunId.Backfill(dag.Spec!.DagId, create.At, create.BackfillId),
                dag.Spec,
                dag.Version,
                RunType.Backfill,
                "",
                create.Range.FromDate,
                Interval: null,
                new Dictionary<string, string?>(),
                new Dictionary<string, string>(),
                create.At
            ).With(create.Conf)
        );

    async Task<Dag> Find(string dagId, CancellationToken cancellationToken) =>
        await catalog.Find(dagId, cancellationToken) is { Live: true, Spec: not null } dag
            ? dag
            : throw UnknownDag.Named(dagId);

    static async Task<object?> Scalar(
        NpgsqlConnection connection,
        string sql,
        string dagId,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("dag", dagId);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
