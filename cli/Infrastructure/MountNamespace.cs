namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// The mount namespace of dockerd and containerd: a container's root file system is mounted by the one and used by the
/// other. A file keeps it, so that whichever of the two starts again finds it. What the engine mounted ends with it:
/// its folder can be deleted.
/// </summary>
static class MountNamespace
{
    // A namespace can be kept only on a mount that does not propagate.
    const string Make = """
        mount --bind "$1" "$1" && mount --make-private "$1" && touch "$2" &&
            exec unshare --mount="$2" --propagation shared true
        """;

    static string Folder(Home home) => Path.Combine(home.Runtime, "namespace");

    static string Kept(Home home) => Path.Combine(Folder(home), "mount");

    /// <summary>The beginning of a command that runs in the namespace.</summary>
    public static IReadOnlyList<string> Enter(Home home) => ["nsenter", $"--mount={Kept(home)}", "--"];

    /// <summary>Does nothing when there is one.</summary>
    /// <exception cref="ProblemException">The kernel refuses it.</exception>
    public static async Task Create(Home home, CancellationToken cancellationToken)
    {
        var usable = await Shell.Run([.. Enter(home), "true"], cancellationToken: cancellationToken);
        if (usable.ExitCode == 0)
            return;
        await Remove(home);
        PrivateFolder.Ensure(Folder(home));
        await Shell.Require(
            "Creating the engine's mount namespace",
            ["sh", "-c", Make, "sh", Folder(home), Kept(home)],
            cancellationToken: cancellationToken
        );
    }

    /// <summary>Gives it up; it ends with the last process in it.</summary>
    public static async Task Remove(Home home)
    {
        if (!Directory.Exists(Folder(home)))
            return;
        // either may be missing after a start that was cut short
        await Shell.Run(["umount", Kept(home)]);
        await Shell.Run(["umount", Folder(home)]);
        Directory.Delete(Folder(home), recursive: true);
    }
}
