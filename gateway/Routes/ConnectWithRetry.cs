using System.Net.Sockets;

namespace Nightshift.Gateway.Routes;

/// <summary>
/// Waits for a service that is just being restarted. A refused connection has carried no request yet, so trying again
/// repeats nothing; GitHub for one does not send a delivery twice.
/// </summary>
static class ConnectWithRetry
{
    /// <summary>
    /// A killed service is back in about two seconds, on a busy machine in a few more. GitHub waits ten for its answer.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(100);

    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> With(TimeProvider clock) =>
        async (context, cancellationToken) =>
        {
            var began = clock.GetTimestamp();
            while (true)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch (SocketException e)
                    when (e.SocketErrorCode is SocketError.ConnectionRefused && clock.GetElapsedTime(began) < Patience)
                {
                    socket.Dispose();
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
                await Task.Delay(RetryPeriod, clock, cancellationToken);
            }
        };
}
