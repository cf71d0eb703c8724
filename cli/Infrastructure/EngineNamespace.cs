namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// dockerd and containerd see the same mounts, and nobody else sees them: they end with the two, and the folder they
/// are in can be deleted. Whichever of the two starts joins the other's mount namespace.
/// </summary>
public static class EngineNamespace
{
    // The mark names a process; only its name tells that the process is still the one that is meant.
    const string Script = """
        mark=$1 name=$2 wait=$3; shift 3
        until read -r peer _ <"$mark" && [ "$(cat "/proc/$peer/comm")" = "$name" ]; do
            [ "$wait" ] || exec unshare --mount --propagation shared "$@"
            sleep 0.05
        done 2>/dev/null
        exec nsenter --mount="/proc/$peer/ns/mnt" "$@"
        """;

    /// <summary>What to write before a program's command line.</summary>
    /// <param name="mark">The mark file of the other.</param>
    /// <param name="name">The name of the other's program.</param>
    /// <param name="wait">Waits for the other; else a new namespace is made when it does not run.</param>
    public static IReadOnlyList<string> Enter(string mark, string name, bool wait) =>
        ["sh", "-c", Script, "sh", mark, name, wait ? "wait" : ""];
}
