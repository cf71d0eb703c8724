namespace Nightshift.Gateway.Files;

/// <summary>
/// Files as a value that is always current: each use compares their times and sizes (a few microseconds) and reads them
/// again when one changed. That misses nothing, whatever way a file is replaced, and needs no watcher that could stop.
/// </summary>
/// <typeparam name="T">What the files mean.</typeparam>
/// <param name="paths">The files, read together.</param>
/// <param name="initial">The value before the files were ever good.</param>
/// <param name="read">Reads the files. It throws <see cref="FormatException"/> with a sentence for people when the
/// content is no good.</param>
/// <param name="log">Where bad files are reported, once per change.</param>
public sealed class WatchedFile<T>(IReadOnlyList<string> paths, T initial, Func<T> read, ILogger log)
    where T : class
{
    readonly Lock gate = new();
    Stamp[] seen = [];
    T value = initial;

    /// <summary>The latest good value.</summary>
    public T Value
    {
        get
        {
            lock (gate)
            {
                Stamp[] now = [.. paths.Select(StampOf)];
                if (!now.SequenceEqual(seen))
                    Refresh(now);
                return value;
            }
        }
    }

    // The stamps are kept also when a file is bad, so that each bad version is reported once.
    void Refresh(Stamp[] now)
    {
        seen = now;
        var names = string.Join(" and ", paths);
        try
        {
            value = read();
            Log.FileRead(log, names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Log.FileBroken(log, names, e.Message);
        }
    }

    // Mounted secrets are links that stay while what they lead to is exchanged.
    static Stamp StampOf(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            file = target;
        return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : new(path, default, Size: -1);
    }

    readonly record struct Stamp(string Path, DateTime WrittenAt, long Size);
}
