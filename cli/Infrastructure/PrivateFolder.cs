namespace Nightshift.Cli.Infrastructure;

/// <summary>Folders whose content is believed, and which therefore nobody else may have made or changed.</summary>
public static class PrivateFolder
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the folder, or takes one of this user's that is there, readable by its owner only.</summary>
    /// <exception cref="ProblemException">It, or the folder it is in, is a link, no folder, or another
    /// user's.</exception>
    public static void Ensure(string path)
    {
        Exists(Path.GetDirectoryName(path)!); // never changed: it may be everybody's, as /tmp is
        Directory.CreateDirectory(path, Mode);
        Exists(path);
        if (File.GetUnixFileMode(path) != Mode)
            File.SetUnixFileMode(path, Mode);
    }

    /// <returns>False when there is none.</returns>
    /// <exception cref="ProblemException">It is a link, no folder, or another user's.</exception>
    public static bool Exists(string path)
    {
        if (FileFacts.Of(path) is not { } facts)
            return false;
        if (facts is { IsDirectory: true } && (facts.Owner == Machine.User || facts.Owner == 0))
            return true;
        throw new ProblemException(
            facts.IsDirectory
                ? $"{path} belongs to another user (id {facts.Owner}), so nothing in it can be believed. "
                    + "Delete it, or choose another place with NIGHTSHIFT_HOME."
                : $"{path} is {(facts.IsLink ? "a link" : "no folder")}, and whoever made it decides what is in it. "
                    + "Delete it, or choose another place with NIGHTSHIFT_HOME."
        );
    }

    /// <summary>
    /// Checks the state home, which may be a link its user has made: it must be this user's, root's, or, for root, that
    /// of whoever owns the checkout, whose programs root runs anyway.
    /// </summary>
    /// <exception cref="ProblemException">It is somebody else's, or everybody may write to it.</exception>
    public static void RequireTrusted(string path, string checkout)
    {
        if (FileFacts.Of(path, follow: true) is not { IsDirectory: true } facts)
            return; // missing, or no folder: creating it says why that fails
        var isTrusted =
            facts.Owner == Machine.User
            || facts.Owner == 0
            || Machine.IsRoot && facts.Owner == FileFacts.Of(checkout, follow: true)?.Owner;
        if (!isTrusted)
            throw new ProblemException(
                $"{path} belongs to another user (id {facts.Owner}), who could plant files and processes there. "
                    + "Choose another place with NIGHTSHIFT_HOME."
            );
        if (facts.IsWorldWritable)
            throw new ProblemException(
                $"Every user may write to {path}. Take that away (chmod o-w {path}), "
                    + "or choose another place with NIGHTSHIFT_HOME."
            );
    }
}
