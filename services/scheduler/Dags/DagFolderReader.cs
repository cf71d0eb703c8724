using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nightshift.Scheduler.Dags;

/// <summary>What a scan finds in the DAGs folder.</summary>
/// <param name="Files">The DAG files, by name inside the folder, in ordinal order.</param>
/// <param name="Unreadable">Folders that could not be listed, with why.</param>
public sealed record DagFileListing(IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> Unreadable)
{
    readonly HashSet<string> files = [.. Files];

    /// <summary>Before the first scan.</summary>
    public static DagFileListing None { get; } = new([], new Dictionary<string, string>());

    /// <summary>Whether a file is there, or stands in a folder that could not be listed.</summary>
    public bool MayHave(string file) =>
        files.Contains(file)
        || Unreadable.Keys.Any(x => file.StartsWith(x + Path.DirectorySeparatorChar, StringComparison.Ordinal));
}

/// <summary>What one file has: its bytes, or why there are none; neither when it is gone.</summary>
sealed record DagFileContent(byte[]? Bytes, string? Mistake);

/// <summary>
/// Lists and reads the DAGs folder. Names that begin with a dot are left out, as Kubernetes keeps the versions of a
/// ConfigMap in them. Links are followed inside the folder: a file may be one, and a folder behind one is listed unless
/// it was already.
/// </summary>
sealed partial class DagFolderReader(string root, int maxBytes)
{
    /// <summary>Lists the folder. A folder that cannot be listed hides no other.</summary>
    public DagFileListing List()
    {
        var (files, unreadable) = (new List<string>(), new Dictionary<string, string>());
        var (seen, linked) = (new HashSet<string>(), new Queue<string>());
        List("", files, unreadable, seen, linked);
        while (linked.TryDequeue(out var link)) // after all that is there itself
            if (RealPath(link) is { } target && IsInside(target) && !seen.Contains(target))
                List(link, files, unreadable, seen, linked);
        return new([.. files.Order(StringComparer.Ordinal)], unreadable);
    }

    void List(
        string start,
        List<string> files,
        Dictionary<string, string> unreadable,
        HashSet<string> seen,
        Queue<string> linked
    )
    {
        var folders = new Queue<string>([start]);
        while (folders.TryDequeue(out var folder))
            try
            {
                if (!seen.Add(RealPath(folder) ?? folder))
                    continue;
                foreach (var entry in new DirectoryInfo(Path.Combine(root, folder)).EnumerateFileSystemInfos())
                {
                    var name = Path.Combine(folder, entry.Name);
                    if (entry.Name.StartsWith('.'))
                        continue;
                    if (entry.Attributes.HasFlag(FileAttributes.Directory))
                        (entry.LinkTarget is null ? folders : linked).Enqueue(name);
                    else if (entry.Extension is ".yaml" or ".yml")
                        files.Add(name);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (folder == "")
                    throw; // nothing is known of any file
                unreadable[folder] =
                    $"The folder cannot be listed ({e.Message}); let the scheduler read it, or remove it";
            }
    }

    /// <summary>Reads one file, never waiting for a pipe and never more than the limit.</summary>
    public DagFileContent Read(string file)
    {
        try
        {
            using var handle = Open(Path.Combine(root, file));
            if (!IsInside(TargetOf(handle)))
                return new(null, "It is a link out of the DAGs folder; copy the file into the folder instead");
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            return stream.CanSeek ? Read(stream) : NotAFile;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileInfo(Path.Combine(root, file)).LinkTarget is { } target
                ? new(
                    null,
                    $"The file cannot be read: it is a link to {target}, which is not there; make it a file the "
                        + $"scheduler may read, or remove it"
                )
                : new(null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new(
                null,
                $"The file cannot be read ({e.Message}); make it a file the scheduler may read, or remove it"
            );
        }
    }

    static DagFileContent NotAFile { get; } =
        new(null, "It is a pipe, a socket or a device, not a file; remove it or give it another name");

    DagFileContent Read(FileStream stream)
    {
        var buffer = new byte[Math.Min(stream.Length, maxBytes) + 1]; // one more shows that it goes on
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length > maxBytes
            ? new(
                null,
                $"The file has more than {maxBytes} bytes; write several DAGs, or set Nightshift__MaxDagFileBytes"
            )
            : new(buffer[..length], null);
    }

    string? RealPath(string folder)
    {
        try
        {
            using var handle = Open(Path.Combine(root, folder));
            return TargetOf(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    bool IsInside(string path)
    {
        var real = RealPath("") ?? root;
        return path == real || path.StartsWith(real.TrimEnd('/') + '/', StringComparison.Ordinal);
    }

    // The kernel's answer for what is open: no link can be exchanged between the question and the reading.
    static string TargetOf(SafeFileHandle handle) =>
        new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget ?? "";

    // open(2) with O_RDONLY | O_NONBLOCK | O_CLOEXEC: File.OpenHandle waits for whoever writes into a pipe.
    static SafeFileHandle Open(string path)
    {
        var descriptor = OpenFile(path, 0x800 | 0x80000, 0);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        var error = Marshal.GetLastPInvokeError();
        var message = Marshal.GetPInvokeErrorMessage(error);
        throw error switch
        {
            2 => new FileNotFoundException(message), // ENOENT
            20 => new DirectoryNotFoundException(message), // ENOTDIR
            1 or 13 => new UnauthorizedAccessException(message), // EPERM, EACCES
            _ => new IOException(message), // ELOOP, ENXIO for a socket, …
        };
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFile(string path, int flags, int mode);
}
