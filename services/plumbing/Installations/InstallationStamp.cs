using System.Globalization;
using Nightshift.Plumbing.Hosting;
using Npgsql;
using NpgsqlTypes;

namespace Nightshift.Plumbing.Installations;

/// <summary>
/// The one row by which a database says whose it is and in which form its events are written. It stands in the database
/// itself: whoever drops or restores the data drops or restores it too.
/// </summary>
/// <param name="Id">The installation the database belongs to.</param>
/// <param name="Token">Made with the row.</param>
/// <param name="Format">See <see cref="CurrentFormat"/>.</param>
public sealed record InstallationStamp(string Id, Guid Token, int Format)
{
    /// <summary>
    /// The <see cref="DatabaseIdentity"/> of the database the row was written for; null when it is not known. A copy of
    /// the database has another one.
    /// </summary>
    public string? Database { get; init; }

    /// <summary>
    /// The token before this database took the installation over from the one it is a copy of; null when it did not.
    /// Claims with it on broker and engine are replaced.
    /// </summary>
    public Guid? ReplacedToken { get; init; }

    /// <summary>
    /// Form of streams and their ids. Raised when events that an older version wrote can no longer be read: 2 since
    /// attempts are named <c>run~task~n</c>.
    /// </summary>
    public const int CurrentFormat = 2;

    const string Create = """
        create schema if not exists nightshift;
        create table if not exists nightshift.installation (
            only_row boolean primary key default true check (only_row),
            id text not null,
            token uuid not null,
            format integer not null,
            build text not null default '',
            created_at timestamptz not null default clock_timestamp());
        alter table nightshift.installation add column if not exists database text;
        alter table nightshift.installation add column if not exists replaced_token uuid;
        """;

    const string Insert = """
        insert into nightshift.installation (id, token, format, database) values ($1, $2, $3, $4) on conflict do nothing
        """;

    // A row of an older version; from now on a copy of it is known.
    const string NoteDatabase = """
        update nightshift.installation set database = $1 where database is null and $1 is not null
        """;

    // Harmless when repeated, by each service at its start.
    const string TakeOver = """
        update nightshift.installation
        set id = $1, database = $2, token = gen_random_uuid(), replaced_token = case when id = $1 then token end
        where id <> $1 or database <> $2
        """;

    // Columns of a later version are missing before it has prepared the database.
    const string Select = """
        select id, token, format, to_jsonb(x) ->> 'database', (to_jsonb(x) ->> 'replaced_token')::uuid
        from nightshift.installation x
        """;

    const string Exists = "select to_regclass('nightshift.installation') is not null";

    // Marten's own table; every service has had one since the first version.
    const string HasStreams = """
        select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                       where c.relname = 'mt_events' and c.relkind in ('r', 'p'))
        """;

    // Several services make the row at the same time: the schema's creation alone would fail for all but one.
    const string OneAtATime = "select pg_advisory_xact_lock(hashtextextended('nightshift-installation', 0))";

    /// <summary>
    /// Reads the row, after making it in a database that holds nothing yet.
    /// </summary>
    /// <param name="database">The installation's database.</param>
    /// <param name="id">The id a new row gets.</param>
    /// <param name="token">The token a new row gets.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="adopt">See <see cref="NightshiftOptions.AdoptDatabase"/>.</param>
    /// <returns>Null for a database whose tables an older version without such a row has made.</returns>
    public static async Task<InstallationStamp?> Ensure(
        NpgsqlDataSource database,
        string id,
        Guid token,
        CancellationToken cancellationToken,
        bool adopt = false
    )
    {
        var identity = (object?)await DatabaseIdentity.Read(database, cancellationToken) ?? DBNull.Value;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Execute(OneAtATime, []);
        if (!await Ask(Exists) && await Ask(HasStreams))
            return null;
        await Execute(Create, []);
        await Execute(
            Insert,
            [new() { Value = id }, new() { Value = token }, new() { Value = CurrentFormat }, Database()]
        );
        await Execute(NoteDatabase, [Database()]);
        if (adopt)
            await Execute(TakeOver, [new() { Value = id }, Database()]);
        await transaction.CommitAsync(cancellationToken);
        return await Read(database, cancellationToken);

        NpgsqlParameter Database() => new() { NpgsqlDbType = NpgsqlDbType.Text, Value = identity };

        async Task Execute(string sql, NpgsqlParameter[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.AddRange(parameters);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<bool> Ask(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
    }

    /// <summary>Reads the row.</summary>
    /// <returns>Null when there is none.</returns>
    public static async Task<InstallationStamp?> Read(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using (var exists = database.CreateCommand(Exists))
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
                return null;
        await using var command = database.CreateCommand(Select);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new(rows.GetString(0), rows.GetGuid(1), rows.GetInt32(2))
            {
                Database = rows.IsDBNull(3) ? null : rows.GetString(3),
                ReplacedToken = rows.IsDBNull(4) ? null : rows.GetGuid(4),
            }
            : null;
    }

    /// <summary>Why a service must not use a database.</summary>
    /// <param name="stamp">What the database says; null when it says nothing.</param>
    /// <param name="id">The id of the service's installation.</param>
    /// <param name="database">The database's name, for the sentence.</param>
    /// <param name="identity">Its identity now; null when it is not known.</param>
    /// <returns>What is wrong and what to do; null when the database is the service's own.</returns>
    public static string? Refusal(InstallationStamp? stamp, string id, string database, string? identity = null) =>
        stamp switch
        {
            null =>
                $"The database '{database}' was written by an older Nightshift, or not prepared at all. {StartEmpty}",
            { Format: < CurrentFormat } => string.Create(
                CultureInfo.InvariantCulture,
                $"The database '{database}' was written by an older Nightshift (format {stamp.Format}; this one "
                    + $"reads {CurrentFormat}). {StartEmpty}"
            ),
            { Format: > CurrentFormat } => string.Create(
                CultureInfo.InvariantCulture,
                $"The database '{database}' was written by a newer Nightshift (format {stamp.Format}; this one "
                    + $"reads {CurrentFormat}). Start that version, or name another database in Nightshift:Postgres."
            ),
            { Id: var owner } when owner != id =>
                $"The database '{database}' belongs to the installation '{owner}', and this is '{id}'. Name another "
                    + "database in Nightshift:Postgres; to continue that installation, set Nightshift:Installation "
                    + $"to {owner}. A copy of that database becomes this installation's own by {Adopt}.",
            { Database: { } original } when identity is not null && original != identity =>
                $"The database '{database}' is a copy: it was written as {original} (cluster and database) and is "
                    + $"{identity} now. If the original is gone (this is a restore, a move or an upgrade), start with "
                    + $"{Adopt}. If the original is still used, set Nightshift:Installation to another name first: "
                    + "else both would take each other's messages and containers. "
                    + "Runs that are open in the copy go on in it.",
            _ => null,
        };

    const string Adopt = "'./nightshift up --adopt', or once with Nightshift:AdoptDatabase set to true";

    const string StartEmpty =
        "Start with an empty one: keep the old one under another name (alter database … rename to …) and create it "
        + "anew, or name another in Nightshift:Postgres. An empty database is prepared by './nightshift up', "
        + "or with Nightshift:MigrateOnStart set to true.";
}
