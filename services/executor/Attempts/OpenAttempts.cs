using Nightshift.Plumbing.Streams;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Attempts;

/// <summary>An attempt that is not over and was granted.</summary>
/// <param name="AttemptId">Which.</param>
/// <param name="Grant">Number of its latest grant.</param>
/// <param name="Engine">The engine it was granted to.</param>
public sealed record OpenAttempt(string AttemptId, int Grant, string Engine);

/// <summary>
/// The attempts that are not over: the ready ones, which wait for a slot, and the granted ones, which hold one. A row
/// changes in the transaction of the event that changes its attempt, so a crash can neither leak a slot nor give one
/// away twice, and what is left to do is found without reading history.
/// </summary>
public sealed class OpenAttempts(NpgsqlDataSource database)
{
    /// <summary>Notifications of PostgreSQL that an attempt has become ready.</summary>
    public const string ReadyChannel = "nightshift_executor_ready";

    static readonly RowChange Notify = new($"select pg_notify('{ReadyChannel}', '')");

    /// <summary>The priority from which on more is worth nothing against waiting: a day's worth.</summary>
    const int MostPriority = 24 * 60;

    /// <summary>
    /// An attempt's place in the order: the earlier goes first. A point of priority stands for a minute of waiting, so
    /// whatever waits overtakes every newer attempt at last.
    /// </summary>
    public static DateTimeOffset TurnOf(int priority, DateTimeOffset acceptedAt) =>
        acceptedAt - TimeSpan.FromMinutes(Math.Clamp(priority, -MostPriority, MostPriority));

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("executor", "open_attempt", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("attempt_id").AsPrimaryKey();
        table.AddColumn<string>("queue").NotNull();
        table.AddColumn<int>("rank").NotNull(); // minus the priority: who goes first at the same turn
        table.AddColumn<DateTimeOffset>("accepted_at").NotNull();
        // the order of the index; a row from before there were turns has its turn now
        table.AddColumn<DateTimeOffset>("turn_at").NotNull().DefaultValueByExpression("clock_timestamp()");
        table.AddColumn<int>("grant_number").NotNull();
        table.AddColumn<string>("executor_id"); // null while it is ready
        table.AddColumn<string>("engine");
        table.Indexes.Add(
            new IndexDefinition("open_attempt_ready")
            {
                Columns = ["turn_at", "rank", "attempt_id"],
                Predicate = "executor_id is null",
            }
        );
        return table;
    }

    /// <summary>What brings the rows to where events have brought the attempt.</summary>
    public static IReadOnlyList<RowChange> Rows(string attemptId, IReadOnlyList<AttemptEvent> events) =>
        events switch
        {
            [AttemptAccepted x] =>
            [
                new(
                    "insert into executor.open_attempt (attempt_id, queue, rank, accepted_at, turn_at, grant_number) "
                        + "values (?, ?, ?, ?, ?, 0) on conflict do nothing",
                    attemptId,
                    x.Queue,
                    -x.Priority,
                    x.At,
                    TurnOf(x.Priority, x.At)
                ),
                Notify,
            ],
            [AttemptGranted x] =>
            [
                new(
                    "update executor.open_attempt set executor_id = ?, engine = ?, grant_number = ? where attempt_id = ?",
                    x.Grant.ExecutorId,
                    x.Grant.Engine,
                    x.Grant.Number,
                    attemptId
                ),
            ],
            [AttemptGrantRevoked] =>
            [
                new(
                    "update executor.open_attempt set executor_id = null, engine = null where attempt_id = ?",
                    attemptId
                ),
                Notify,
            ],
            [AttemptFinished x] =>
            [
                new("delete from executor.open_attempt where attempt_id = ?", attemptId),
                SealedSecrets.Forget(attemptId),
                .. x.Ending.Reason == Reasons.Stopped ? [Notify] : Array.Empty<RowChange>(), // whoever follows it looks
            ],
            _ => [], // over as soon as it was accepted, or a step on the way
        };

    /// <summary>The attempts an executor has been granted and has not finished.</summary>
    public Task<IReadOnlyList<OpenAttempt>> Of(string executorId, CancellationToken cancellationToken) =>
        Read("executor_id = $1", executorId, cancellationToken);

    /// <summary>
    /// The attempts of executors whose engine none serves any more: no lease on it is left.
    /// </summary>
    /// <param name="engine">The asking executor's engine, which is served.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<OpenAttempt>> Unserved(string engine, CancellationToken cancellationToken) =>
        Read(
            """
            executor_id is not null and engine <> $1 and not exists
            (select from executor.lease x where x.engine = a.engine and x.lease_until > clock_timestamp())
            """,
            engine,
            cancellationToken
        );

    async Task<IReadOnlyList<OpenAttempt>> Read(string condition, string value, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"select attempt_id, grant_number, engine from executor.open_attempt a where {condition} order by attempt_id"
        );
        command.Parameters.Add(new() { Value = value });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var open = new List<OpenAttempt>();
        while (await rows.ReadAsync(cancellationToken))
            open.Add(new(rows.GetString(0), rows.GetInt32(1), rows.GetString(2)));
        return open;
    }
}
