using Npgsql;

namespace Nightshift.Plumbing.Hosting;

/// <summary>
/// What the schema tool cannot do with an existing database. Both statements are run at each migration, also of an
/// empty database and by several instances one after another: they look at what is there.
/// </summary>
/// <param name="Before">Run before the tables are created and altered.</param>
/// <param name="After">Run when all tables are in their present form.</param>
public sealed record DataMigration(string Before, string After)
{
    const string OneAtATime =
        "set local statement_timeout = 0; select pg_advisory_xact_lock(hashtextextended('nightshift-migration', 0))";

    /// <summary>Runs a statement in a transaction of its own, however long it takes.</summary>
    public static async Task Run(NpgsqlDataSource database, string statement, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var sql in new[] { OneAtATime, statement })
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }
}
