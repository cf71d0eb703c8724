using System.Net.Sockets;
using MassTransit;
using Nightshift.Plumbing.Hosting;
using RabbitMQ.Client.Exceptions;

namespace Nightshift.Plumbing.Relay;

/// <summary>What a failed attempt to publish means.</summary>
static class PublishFailure
{
    /// <summary>
    /// True when the broker, the database or the way to them may do better next time. A mapping that throws, a queue
    /// that cannot
    /// exist or a message that cannot be written stays as it is.
    /// </summary>
    public static bool MayPass(Exception e) =>
        e is not MappingException
        && (
            e
                is ConnectionException
                    or TransportException
                    or RabbitMQClientException
                    or TimeoutException
                    or IOException
                    or SocketException
                    or ObjectDisposedException
                    or OperationCanceledException
            || DependencyFaults.IsTransient(e)
            || e.InnerException is { } inner && MayPass(inner)
        );
}
