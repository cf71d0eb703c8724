namespace Nightshift.Cli.Supervision;

/// <summary>A log that never grows past its cap: the full file becomes <c>.1</c>, the one before it goes.</summary>
public static class LogFile
{
    const long CapBytes = 10 << 20;

    /// <summary>
    /// Copies until the writer closes its end. Each piece is in the file before the next is read. A piece that cannot
    /// be written, because the disk is full, is dropped: a writer that nobody reads from would stand still.
    /// </summary>
    public static async Task Pump(Stream from, string path, long capBytes = CapBytes)
    {
        var buffer = new byte[16 * 1024];
        FileStream? file = null;
        for (int read; (read = await from.ReadAsync(buffer)) > 0; )
        {
            try
            {
                file ??= Open(path);
                if (file.Position + read > capBytes)
                {
                    await file.DisposeAsync();
                    Trim(path, capBytes: 0);
                    file = Open(path);
                }
                await file.WriteAsync(buffer.AsMemory(0, read));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                if (file is not null)
                    await file.DisposeAsync();
                file = null; // the next piece tries anew
            }
        }
        if (file is not null)
            await file.DisposeAsync();
    }

    /// <summary>Sets a full file aside.</summary>
    public static void Trim(string path, long capBytes = CapBytes)
    {
        if (new FileInfo(path) is { Exists: true } file && file.Length > capBytes)
            File.Move(path, path + ".1", overwrite: true);
    }

    public static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <param name="from">Where to begin in the file; one that was set aside meanwhile is read from its start.</param>
    public static string Tail(string path, int lines = 12, long from = 0)
    {
        if (!File.Exists(path))
            return Nothing;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (from <= file.Length)
            file.Position = from;
        using var reader = new StreamReader(file);
        var read = reader.ReadToEnd().TrimEnd('\n');
        return read.Length == 0 ? Nothing : string.Join('\n', read.Split('\n').TakeLast(lines));
    }

    const string Nothing = "(nothing was logged)";

    static FileStream Open(string path) =>
        new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
