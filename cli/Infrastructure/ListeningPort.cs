using System.Globalization;

namespace Nightshift.Cli.Infrastructure;

/// <summary>Who listens on a port.</summary>
public enum Listener
{
    /// <summary>Nobody, or nobody yet.</summary>
    None,

    /// <summary>The process that was asked about.</summary>
    Own,

    /// <summary>Another process.</summary>
    Other,
}

/// <summary>
/// Which process listens on a port of this machine, by the kernel's word. An answer on a port says nothing of who gave
/// it: another system that starts at the same time may have taken it.
/// </summary>
public static class ListeningPort
{
    const string Listening = "0A"; // TCP_LISTEN

    /// <summary>Looks once.</summary>
    /// <param name="port">The TCP port, on any local address.</param>
    /// <param name="pid">The process whose port it should be. It must run as this user, or this program as
    /// root.</param>
    public static Listener Of(int port, int pid)
    {
        HashSet<string> sockets =
        [
            .. Sockets("/proc/net/tcp", port).Concat(Sockets("/proc/net/tcp6", port)).Select(x => $"socket:[{x}]"),
        ];
        return sockets.Count == 0 ? Listener.None
            : Holds(pid, sockets) ? Listener.Own
            : Listener.Other;
    }

    /// <summary>The inodes of listening sockets. Fields: number, local address:port in hexadecimal, remote address,
    /// state; the inode is the tenth.</summary>
    static IEnumerable<string> Sockets(string table, int port)
    {
        var ending = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return from line in Lines(table)
            let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(ending, StringComparison.Ordinal)
            select fields[9];
    }

    static bool Holds(int pid, HashSet<string> sockets)
    {
        try
        {
            return Directory
                .EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd"))
                .Any(x => sockets.Contains(Target(x)));
        }
        catch (UnauthorizedAccessException)
        {
            return true; // nobody may look: the part's own answer is believed
        }
        catch (IOException)
        {
            return false; // ended meanwhile
        }
    }

    static string Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // closed meanwhile
        }
    }

    static string[] Lines(string table)
    {
        try
        {
            return File.ReadAllLines(table);
        }
        catch (IOException)
        {
            return []; // a kernel without IPv6
        }
    }
}

/// <summary>Another process has taken a part's port since it was chosen.</summary>
public sealed class PortTakenException(string part, int port)
    : ProblemException(
        $"Port {port} for {part} is taken by another process since it was chosen, such as another system that starts "
            + "at the same time. './nightshift up' chooses another port."
    );
