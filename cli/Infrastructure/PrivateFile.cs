namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// Replaces a file whole or not at all; the new one is never readable by others, not even for a moment.
/// </summary>
public static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var next = path + ".new";
        File.Delete(next);
        using (
            var file = new FileStream(
                next,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            )
        )
        using (var writer = new StreamWriter(file))
            writer.Write(text);
        File.Move(next, path, overwrite: true);
    }
}
