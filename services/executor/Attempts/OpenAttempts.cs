using Marten;
using Npgsql;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Nightshift.Executor.Attempts;

/// <summary>
/// The attempts that are not over, written in the transactions that open and finish them: what is left to do is found without reading history.
/// </summary>
public sealed class OpenAttempts(NpgsqlDataSource database)
{
    const string Select = "select attempt_id from executor.open_attempt where engine = @engine order by accepted_at, attempt_id";

    /// <summary>The table as the schema tool knows it.</summary>
    public static ISchemaObject Schema()
    {
        var table = new Table(new PostgresqlObjectName("executor", "open_attempt", SchemaUtils.IdentifierUsage.General));
        table.AddColumn<string>("attempt_id").AsPrimaryKey();
        table.AddColumn<string>("engine").NotNull();
        table.AddColumn<DateTimeOffset>("accepted_at").NotNull();
        return table;
    }

    /// <summary>Opens an attempt in the session's transaction.</summary>
    public static void Open(IDocumentSession session, string attemptId, string engine, DateTimeOffset acceptedAt) =>
        session.QueueSqlCommand("insert into executor.open_attempt (attempt_id, engine, accepted_at) values (?, ?, ?) on conflict do nothing", attemptId, engine, acceptedAt);

    /// <summary>Closes an attempt in the session's transaction.</summary>
    public static void Close(IDocumentSession session, string attemptId) =>
        session.QueueSqlCommand("delete from executor.open_attempt where attempt_id = ?", attemptId);

    /// <summary>The open attempts of one engine, oldest first.</summary>
    public async Task<IReadOnlyList<string>> Of(string engine, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.AddWithValue("engine", engine);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<string>();
        while (await rows.ReadAsync(cancellationToken)) ids.Add(rows.GetString(0));
        return ids;
    }
}
