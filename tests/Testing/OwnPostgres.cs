using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Nightshift.Testing;

/// <summary>
/// A PostgreSQL server of the test's own, to be killed or copied. Tests are skipped where its programs are missing.
/// </summary>
public sealed class OwnPostgres : IAsyncDisposable
{
    static readonly string User = Environment.IsPrivilegedProcess ? "postgres" : Environment.UserName;

    readonly string folder;
    readonly string programs;
    Process? server;

    OwnPostgres(string folder, string programs, int port)
    {
        (this.folder, this.programs) = (folder, programs);
        Address = new()
        {
            Host = "127.0.0.1",
            Port = port,
            Database = "postgres",
            Username = "nightshift",
            Password = "any", // nobody is asked for it
        };
    }

    /// <summary>The server, as its superuser.</summary>
    public NpgsqlConnectionStringBuilder Address { get; }

    /// <summary>Makes one and starts it.</summary>
    public static async Task<OwnPostgres> Start(CancellationToken cancellationToken)
    {
        var made = Make();
        await Run([$"{made.programs}/initdb", "-D", made.folder, "-U", "nightshift", "--auth=trust", "--no-sync"]);
        return await made.UpOrDisposed(cancellationToken);
    }

    /// <summary>Starts a second server on a copy of this one's files, as a copied machine would. It stops for it.</summary>
    public async Task<OwnPostgres> Copy(CancellationToken cancellationToken)
    {
        await End("INT");
        var copy = Make();
        await Run(["cp", "-a", $"{folder}/.", copy.folder]);
        await Up(cancellationToken);
        return await copy.UpOrDisposed(cancellationToken);
    }

    /// <summary>Starts it, for the first time or after it was killed.</summary>
    public async Task Up(CancellationToken cancellationToken)
    {
        File.Delete($"{folder}/postmaster.pid");
        string[] settings =
        [
            string.Create(CultureInfo.InvariantCulture, $"port={Address.Port}"),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=off", // a killed server loses nothing that was handed to the kernel
            "log_min_messages=fatal",
        ];
        server = Process.Start(
            new ProcessStartInfo(
                "setpriv",
                [.. As(User), $"{programs}/postgres", "-D", folder, .. settings.SelectMany(x => new[] { "-c", x })]
            )
            {
                WorkingDirectory = "/",
                RedirectStandardError = true,
            }
        )!;
        server.BeginErrorReadLine();
        await Eventually.Is(
            async token =>
            {
                try
                {
                    await using var connection = new NpgsqlConnection($"{Address};Pooling=false");
                    await connection.OpenAsync(token);
                    return true;
                }
                catch (NpgsqlException)
                {
                    return server.HasExited ? throw new InvalidOperationException("PostgreSQL does not start") : false;
                }
            },
            "PostgreSQL to answer",
            cancellationToken
        );
    }

    /// <summary>Ends it without a word to anybody, as a crash does: what was committed is recovered at the start.</summary>
    public Task Kill() => End("QUIT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Kill();
        await Run(["rm", "-rf", folder]);
    }

    static OwnPostgres Make()
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(x => int.Parse(Path.GetFileName(x), CultureInfo.InvariantCulture))
                .Select(x => Path.Combine(x, "bin"))
                .FirstOrDefault(x => File.Exists(Path.Combine(x, "initdb")))
            : null;
        Assert.SkipWhen(programs is null, "no PostgreSQL programs in /usr/lib/postgresql");
        var folder = Directory.CreateTempSubdirectory("nightshift-test-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            using (var chown = Process.Start("chown", [User, folder]))
                chown.WaitForExit();
        return new(folder, programs!, FreePort());
    }

    async Task<OwnPostgres> UpOrDisposed(CancellationToken cancellationToken)
    {
        try
        {
            await Up(cancellationToken);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    async Task End(string signal)
    {
        if (server is not { HasExited: false })
            return;
        using (var kill = Process.Start("kill", [$"-{signal}", $"{server.Id}"]))
            await kill.WaitForExitAsync();
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
        NpgsqlConnection.ClearAllPools();
    }

    // It refuses to run as root.
    static async Task Run(string[] command)
    {
        using var process = Process.Start(
            new ProcessStartInfo("setpriv", [.. As(User), .. command])
            {
                WorkingDirectory = "/",
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {await output}{await error}");
    }

    static string[] As(string user) =>
        Environment.IsPrivilegedProcess ? ["--reuid", user, "--regid", user, "--init-groups"] : [];

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
