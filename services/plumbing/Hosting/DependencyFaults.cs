using System.Net.Sockets;
using MassTransit;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Tells what a dependency did from what we did: the first passes by itself and may be tried again.</summary>
public static class DependencyFaults
{
    /// <summary>
    /// True when trying again later may help, whatever was tried: the database, the engine or the network was away. A
    /// file that is not there does not come back by itself. ObjectDisposedException: the process is stopping.
    /// </summary>
    public static bool IsTransient(Exception e) =>
        e
            is NpgsqlException { IsTransient: true }
                or TimeoutException
                or SocketException
                or HttpRequestException
                or ObjectDisposedException
        || e is IOException and not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        || e.InnerException is { } inner && IsTransient(inner);

    /// <summary>
    /// The dependency an exception blames, for whoever waits for an answer; null for a fault of our own.
    /// </summary>
    public static string? DependencyOf(Exception e) =>
        e switch
        {
            NpgsqlException { IsTransient: true } => "PostgreSQL",
            ConnectionException or RabbitMQClientException => "RabbitMQ",
            TimeoutException => "a dependency",
            _ => e.InnerException is { } inner ? DependencyOf(inner) : null,
        };
}
