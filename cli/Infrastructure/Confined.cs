namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// PostgreSQL and RabbitMQ refuse to run as root. Root runs them as their Debian users, who may not be able to reach a
/// checkout below a closed folder such as /root: the data folder is therefore bound to the user's usual place, visible
/// to that one process tree only.
/// </summary>
/// <param name="User">The Debian package's system user.</param>
/// <param name="Data">The folder in the state home.</param>
/// <param name="Usual">Where the package keeps such data; the place the program sees.</param>
public sealed record Confined(string User, string Data, string Usual)
{
    const string Enter = """
        mount --bind "$1" "$2" && cd "$2" && user=$3 && shift 3 &&
            exec setpriv --reuid "$user" --regid "$user" --init-groups "$@"
        """;

    /// <summary>The folder's path as the program sees it.</summary>
    public string Inside => Machine.IsRoot ? Usual : Data;

    public string[] Command(params IEnumerable<string> command) =>
        Machine.IsRoot
            ? ["unshare", "--mount", "--propagation", "private", "sh", "-c", Enter, "sh", Data, Usual, User, .. command]
            : [.. command];

    /// <summary>Creates the folder and hands it to the user.</summary>
    public async Task Prepare(CancellationToken cancellationToken)
    {
        if (Machine.IsRoot)
            await Shell.Require(
                $"Creating {Data}",
                ["install", "-d", "-m", "700", "-o", User, "-g", User, Data],
                cancellationToken: cancellationToken
            );
        else
            Directory.CreateDirectory(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a small file that only the user can read.</summary>
    public async Task Write(string name, string text, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Data, name);
        PrivateFile.Write(path, text);
        if (Machine.IsRoot)
            await Shell.Require(
                $"Handing {path} over",
                ["chown", $"{User}:{User}", path],
                cancellationToken: cancellationToken
            );
    }
}
