using System.Security.Cryptography;
using System.Text;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// Where one installation keeps its state. Nothing outside is written, the runtime directory of root apart.
/// </summary>
/// <param name="Checkout">The folder that holds <c>Microservices.sln</c>.</param>
/// <param name="Root">The state: <c>NIGHTSHIFT_HOME</c>, by default <c>.nightshift</c> in the checkout.</param>
/// <param name="Runtime">Sockets and process marks. Root's is short, because a socket's path is limited to 107 bytes;
/// only root runs an engine, so that others have no sockets.</param>
public sealed record Home(string Checkout, string Root, string Runtime)
{
    public string Secrets => Path.Combine(Root, "secrets");
    public string Logs => Path.Combine(Root, "logs");
    public string Ports => Path.Combine(Root, "ports.json");
    public string Tokens => Path.Combine(Root, "tokens.json");
    public string Credentials => Path.Combine(Root, "credentials.json");
    public string Lock => Path.Combine(Root, "supervisor.lock");

    public string Log(string part) => Path.Combine(Logs, $"{part}.log");

    public string Mark(string part) => Path.Combine(Runtime, $"{part}.pid");

    /// <param name="under">A folder of the state home to use as a home of its own; null for the state home
    /// itself.</param>
    public static Home Find(string? under = null)
    {
        var checkout = FindCheckout(AppContext.BaseDirectory);
        var root = Environment.GetEnvironmentVariable("NIGHTSHIFT_HOME") is { Length: > 0 } set
            ? Path.GetFullPath(set)
            : Path.Combine(checkout, ".nightshift");
        if (under is not null)
            root = Path.Combine(root, under);
        return new Home(checkout, root, RuntimeOf(root));
    }

    /// <summary>Creates the folders, readable by their owner only.</summary>
    /// <exception cref="ProblemException">A folder cannot be written or belongs to somebody else, or the disk is
    /// nearly full.</exception>
    public Home Prepare()
    {
        PrivateFolder.RequireTrusted(Root, Checkout);
        try
        {
            foreach (var directory in new[] { Root, Secrets, Logs })
                Directory.CreateDirectory(directory, PrivateFolder.Mode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                $"Cannot write to {Root}: {e.Message} Choose another place with NIGHTSHIFT_HOME."
            );
        }
        Disk.Require(Root);
        PrivateFolder.Ensure(Runtime);
        return this;
    }

    /// <summary>
    /// Checks the runtime folder before anything in it is believed: what it holds decides which processes are ended.
    /// </summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="ProblemException">It is a link, or belongs to another user.</exception>
    public bool HasRuntime() => PrivateFolder.Exists(RuntimeBase) && PrivateFolder.Exists(Runtime);

    string RuntimeBase => Path.GetDirectoryName(Runtime)!;

    static string FindCheckout(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Microservices.sln")))
                return folder.FullName;
        throw new ProblemException($"No checkout of Nightshift holds {start}: run ./nightshift from one.");
    }

    // No folder that all users share: what somebody else has put there first would be believed.
    static string RuntimeOf(string root)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..8];
        return Machine.IsRoot ? Path.Combine("/run/nightshift", id) : Path.Combine(root, "run", id);
    }
}
