using Npgsql;

namespace Nightshift.Plumbing.Installations;

/// <summary>
/// Tells a database from its copies: the number that PostgreSQL gave the cluster when it was made, and the database's
/// own. A dump that is restored has another one, on the same server too, and so has a database made from it as a
/// template. A restart, another address, a standby that is promoted and a copy of the cluster's files have the same.
/// </summary>
public static class DatabaseIdentity
{
    const string Sql = """
        select (select system_identifier from pg_control_system()) || '.' || oid
        from pg_database where datname = current_database()
        """;

    /// <returns>Null where the server does not say, as some providers do.</returns>
    public static async Task<string?> Read(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) as string;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFunction)
        {
            return null;
        }
    }
}
