using Npgsql;

namespace Nightshift.Cli.Up;

/// <summary>
/// Which build last prepared the database, so that an unchanged build starts without looking at the schema. It stands
/// in the database, in a row that the services make: one that was dropped or restored is prepared again.
/// </summary>
public static class DatabaseStamp
{
    // A schema that was dropped alone is missed too: every service has Marten's table.
    const string Current = """
        select build = $1 and (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                               where c.relname = 'mt_events' and n.nspname = any($2)) = cardinality($2)
        from nightshift.installation
        """;

    /// <param name="postgres">With the password.</param>
    /// <param name="services">The services with a schema of their name.</param>
    public static async Task<bool> IsCurrent(
        string postgres,
        string build,
        IReadOnlyList<string> services,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var database = NpgsqlDataSource.Create(postgres);
            await using var command = database.CreateCommand(Current);
            command.Parameters.Add(new() { Value = build });
            command.Parameters.Add(new() { Value = services.ToArray() });
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return false; // empty, or of an older version: the services say which
        }
    }

    /// <param name="postgres">With the password.</param>
    public static async Task Remember(string postgres, string build, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(postgres);
        await using var command = database.CreateCommand("update nightshift.installation set build = $1");
        command.Parameters.Add(new() { Value = build });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
