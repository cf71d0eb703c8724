namespace Nightshift.Cli.Supervision;

/// <summary>A log that never grows past its cap: the full file becomes <c>.1</c>, the one before it goes.</summary>
public static class LogFile
{
    const long CapBytes = 10 << 20;

    /// <summary>Copies until the writer closes its end. Each piece is in the file before the next is read.</summary>
    public static async Task Pump(Stream from, string path, long capBytes = CapBytes)
    {
        var buffer = new byte[16 * 1024];
        var file = Open(path);
        try
        {
            for (int read; (read = await from.ReadAsync(buffer)) > 0;)
            {
                if (file.Position + read > capBytes)
                {
                    await file.DisposeAsync();
                    Trim(path, capBytes: 0);
                    file = Open(path);
                }
                await file.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    /// <summary>Sets a full file aside.</summary>
    public static void Trim(string path, long capBytes = CapBytes)
    {
        if (new FileInfo(path) is { Exists: true } file && file.Length > capBytes) File.Move(path, path + ".1", overwrite: true);
    }

    public static string Tail(string path, int lines = 12) =>
        File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(lines)) : "(nothing was logged)";

    static FileStream Open(string path) => new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
