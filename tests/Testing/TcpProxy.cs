using System.Net;
using System.Net.Sockets;

namespace Nightshift.Testing;

/// <summary>
/// Stands between a service and a real server, so that the server can go away for one test and stay for the others.
/// While it is cut, connections are refused, as by a server that is down.
/// </summary>
public sealed class TcpProxy(string host, int port) : IAsyncDisposable
{
    readonly List<TcpClient> connections = [];
    readonly Lock gate = new();
    TcpListener? listener;
    Task accepting = Task.CompletedTask;

    /// <summary>Where it listens, on loopback; the same after a cut.</summary>
    public int Port { get; private set; }

    /// <summary>Lets connections through.</summary>
    public void Open()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = Accept(listener);
    }

    /// <summary>Breaks all connections and refuses new ones.</summary>
    public async Task Cut()
    {
        listener?.Dispose();
        lock (gate)
        {
            connections.ForEach(x => x.Close());
            connections.Clear();
        }
        await accepting;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Cut();

    async Task Accept(TcpListener from)
    {
        try
        {
            while (true)
                _ = Forward(await from.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { } // cut
    }

    async Task Forward(TcpClient client)
    {
        var server = new TcpClient();
        lock (gate)
            connections.AddRange([client, server]);
        try
        {
            await server.ConnectAsync(host, port);
            var (a, b) = (client.GetStream(), server.GetStream());
            await Task.WhenAny(a.CopyToAsync(b), b.CopyToAsync(a));
        }
        // either side ended
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException) { }
        finally
        {
            client.Close();
            server.Close();
        }
    }
}
