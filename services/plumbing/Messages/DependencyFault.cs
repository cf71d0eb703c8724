using System.Net.Sockets;
using Npgsql;

namespace Nightshift.Plumbing.Messages;

/// <summary>Tells a dependency that is away from a message that cannot be handled.</summary>
static class DependencyFault
{
    /// <summary>
    /// True when trying again later may help whatever the message says: the database, the engine or the network. A
    /// file that is not there does not come back by itself. ObjectDisposedException: the process is stopping.
    /// </summary>
    public static bool Is(Exception e) =>
        e
            is NpgsqlException { IsTransient: true }
                or TimeoutException
                or SocketException
                or HttpRequestException
                or ObjectDisposedException
        || e is IOException and not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        || e.InnerException is { } inner && Is(inner);
}
