using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Attempts;

/// <summary>An attempt that is not over.</summary>
/// <param name="AttemptId">Which.</param>
/// <param name="Engine">The engine it belongs to.</param>
/// <param name="AcceptedAt">When it was accepted (UTC).</param>
public sealed record OpenAttempt(string AttemptId, string Engine, DateTimeOffset AcceptedAt);

/// <summary>
/// The attempts that are not over, written in the transactions that open and finish them: what is left to do is found
/// without reading history.
/// </summary>
public sealed class OpenAttempts(NpgsqlDataSource database)
{
    const string Select =
        "select attempt_id, engine, accepted_at from executor.open_attempt order by accepted_at, attempt_id";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(
            new PostgresqlObjectName("executor", "open_attempt", SchemaUtils.IdentifierUsage.General)
        );
        table.AddColumn<string>("attempt_id").AsPrimaryKey();
        table.AddColumn<string>("engine").NotNull();
        table.AddColumn<DateTimeOffset>("accepted_at").NotNull();
        return table;
    }

    /// <summary>Opens an attempt in the session's transaction.</summary>
    public static void Open(IDocumentSession session, string attemptId, string engine, DateTimeOffset acceptedAt) =>
        session.QueueSqlCommand(
            "insert into executor.open_attempt (attempt_id, engine, accepted_at) values (?, ?, ?) on conflict do nothing",
            attemptId,
            engine,
            acceptedAt
        );

    /// <summary>Closes an attempt in the session's transaction.</summary>
    public static void Close(IDocumentSession session, string attemptId) =>
        session.QueueSqlCommand("delete from executor.open_attempt where attempt_id = ?", attemptId);

    /// <summary>The open attempts of all engines, oldest first.</summary>
    public async Task<IReadOnlyList<OpenAttempt>> All(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var open = new List<OpenAttempt>();
        while (await rows.ReadAsync(cancellationToken))
            open.Add(new(rows.GetString(0), rows.GetString(1), rows.GetFieldValue<DateTimeOffset>(2)));
        return open;
    }
}
