using System.Net;
using System.Net.Sockets;

namespace Nightshift.Gateway.Routes;

/// <summary>
/// Waits for a service that is just being restarted, or turns to another instance of it. A refused connection has
/// carried no request yet, so trying again repeats nothing; GitHub for one does not send a delivery twice.
/// </summary>
static class ConnectWithRetry
{
    /// <summary>
    /// A killed service is back in about two seconds, on a busy machine in a few more. GitHub waits ten for its answer.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(100);

    /// <param name="clock">Tells how long it was tried.</param>
    /// <param name="instances">All instances that answer the same; none when only the one that is asked does.</param>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> With(
        TimeProvider clock,
        IReadOnlyList<Uri> instances
    )
    {
        var all = instances.Select(x => new DnsEndPoint(x.Host, x.Port)).ToList();
        return async (context, cancellationToken) =>
        {
            var (began, asked) = (clock.GetTimestamp(), context.DnsEndPoint);
            DnsEndPoint[] endpoints = [asked, .. all.Where(x => !x.Equals(asked))];
            while (true)
            {
                foreach (var endpoint in endpoints)
                    if (
                        await Connect(
                            endpoint,
                            mayFail: endpoint != endpoints[^1] || clock.GetElapsedTime(began) < Patience,
                            cancellationToken
                        ) is
                        { } stream
                    )
                        return stream;
                await Task.Delay(RetryPeriod, clock, cancellationToken);
            }
        };
    }

    /// <returns>Null when nobody listens there and that may be.</returns>
    static async Task<Stream?> Connect(DnsEndPoint endpoint, bool mayFail, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused && mayFail)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
