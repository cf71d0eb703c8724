using System.Globalization;
using Nightshift.Cli.Supervision;
using Npgsql;

namespace Nightshift.Cli.Infrastructure;

/// <summary>The private PostgreSQL cluster.</summary>
public static class Postgres
{
    public const string Part = "postgres";
    const int OldestMajor = 15;

    /// <summary>The newest installed version's programs that can be used; null when there are none.</summary>
    public static string? FindPrograms() =>
        Installed()
            .Where(i => i.Major >= OldestMajor)
            .OrderByDescending(i => i.Major)
            .Select(i => i.Programs)
            .FirstOrDefault();

    /// <returns>The connection string without password.</returns>
    /// <exception cref="ProblemException">The cluster cannot be created or does not start.</exception>
    public static async Task<string> Start(InfrastructureContext context, CancellationToken cancellationToken)
    {
        var place = new Confined("postgres", Path.Combine(context.Home.Root, "postgres"), "/var/lib/postgresql");
        await place.Prepare(cancellationToken);
        var data = Path.Combine(place.Data, "data");
        var programs = ProgramsFor(data);
        if (!Directory.Exists(data))
            await Create(place, programs, context.Secrets.Get(Secrets.PostgresPassword), cancellationToken);

        var address = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = context.Ports[Part],
            Database = "nightshift",
            Username = "nightshift",
        }.ConnectionString;
        var withPassword = $"{address};Password={context.Secrets.Get(Secrets.PostgresPassword)}";
        await context.Supervisor.Start(
            new Part(Part, Command(place, programs, context.Ports[Part]), c => Answers(withPassword, c))
            {
                StopSignal = Machine.Interrupt, // "fast": sessions are cut off, everything committed is on disk
                // writing all out takes a slow disk that long; a kill would cost a recovery at the next start
                Grace = TimeSpan.FromSeconds(90),
                Outlives = true,
                Ports = [context.Ports[Part]],
                Liveness = LivenessProbe.Patient(c => IsAlive(withPassword, c)),
            },
            cancellationToken
        );
        return address;
    }

    /// <summary>Checks a server that somebody else runs.</summary>
    /// <exception cref="ProblemException">It cannot be reached, refuses the login or is too old.</exception>
    public static async Task Require(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellationToken);
            if (connection.PostgreSqlVersion.Major < OldestMajor)
                throw new ProblemException(
                    $"NIGHTSHIFT_POSTGRES names PostgreSQL {connection.PostgreSqlVersion}; version {OldestMajor} or "
                        + "newer is needed."
                );
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            throw new ProblemException($"NIGHTSHIFT_POSTGRES cannot be used: {e.Message}");
        }
    }

    static string[] Command(Confined place, string programs, int port) =>
        place.Command([
            Path.Combine(programs, "postgres"),
            "-D",
            Path.Combine(place.Inside, "data"),
            .. Settings(port).SelectMany(setting => new[] { "-c", setting }),
        ]);

    // For a small machine shared with the services: fsync and synchronous_commit stay on, a committed event is on disk.
    static string[] Settings(int port) =>
        [
            string.Create(CultureInfo.InvariantCulture, $"port={port}"),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=300",
            "shared_buffers=256MB",
            "effective_cache_size=1GB",
            "maintenance_work_mem=64MB",
            "random_page_cost=1.1",
            "max_wal_size=1GB",
            // After a kill one call to the kernel writes out what was not yet on disk, in place of one for each of
            // some 1,600 files; there is little to replay and to write out when a checkpoint is never long ago.
            "recovery_init_sync_method=syncfs",
            "checkpoint_timeout=60s",
            "wal_compression=on",
            "jit=off",
            "idle_in_transaction_session_timeout=60s",
            "password_encryption=scram-sha-256",
            "logging_collector=on",
            "log_directory=../log",
            "log_filename=postgres-%u.log",
            "log_truncate_on_rotation=on",
            "log_rotation_age=1d",
            "log_rotation_size=0",
            "log_min_messages=warning",
            "log_line_prefix=%m [%p] %u@%d ",
        ];

    static async Task Create(Confined place, string programs, string password, CancellationToken cancellationToken)
    {
        // Built beside its final place: a start that was cut short leaves nothing that looks like a cluster.
        var next = Path.Combine(place.Inside, "next");
        if (Directory.Exists(Path.Combine(place.Data, "next")))
            Directory.Delete(Path.Combine(place.Data, "next"), recursive: true);
        await Shell.Require(
            "Creating the PostgreSQL cluster",
            place.Command(
                Path.Combine(programs, "initdb"),
                "-D",
                next,
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--auth-local=peer",
                "--auth-host=scram-sha-256"
            ),
            cancellationToken: cancellationToken
        );
        await Shell.Require(
            "Creating the database",
            place.Command(
                Path.Combine(programs, "postgres"),
                "--single",
                "-D",
                next,
                "-c",
                "exit_on_error=on",
                "-c",
                "password_encryption=scram-sha-256",
                "postgres"
            ),
            input: $"""
            CREATE ROLE nightshift LOGIN CREATEDB PASSWORD '{password}';
            CREATE DATABASE nightshift OWNER nightshift;

            """,
            cancellationToken: cancellationToken
        );
        Directory.Move(Path.Combine(place.Data, "next"), Path.Combine(place.Data, "data"));
    }

    static string ProgramsFor(string data)
    {
        var version = Path.Combine(data, "PG_VERSION");
        if (!File.Exists(version))
            return FindPrograms() ?? throw new ProblemException($"No PostgreSQL {OldestMajor} or newer is installed.");
        var major = int.Parse(File.ReadAllText(version), CultureInfo.InvariantCulture);
        return Installed().Where(i => i.Major == major).Select(i => i.Programs).FirstOrDefault()
            ?? throw new ProblemException(
                $"{data} was written by PostgreSQL {major}, which is not installed any more. Install it (apt-get "
                    + $"install postgresql-{major}), or migrate the data with pg_upgrade."
            );
    }

    static IEnumerable<(int Major, string Programs)> Installed() =>
        !Directory.Exists("/usr/lib/postgresql")
            ? []
            : from folder in Directory.EnumerateDirectories("/usr/lib/postgresql")
            where
                int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _)
                && File.Exists(Path.Combine(folder, "bin/postgres"))
            select (int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), Path.Combine(folder, "bin"));

    // A refusal (too many connections, still recovering) is an answer.
    static async Task<bool> IsAlive(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false;Timeout=0");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException)
        {
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    static async Task<bool> Answers(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidCatalogName)
        {
            throw new ProblemException(
                $"The PostgreSQL that listens there refuses the login: {e.MessageText}. Secrets and data in the "
                    + "state home do not belong together."
            );
        }
        catch (NpgsqlException)
        {
            return false; // not listening yet, or still recovering
        }
    }
}
