using System.Net;
using System.Net.Sockets;

namespace Nightshift.Webhooks.Tests.Service;

/// <summary>
/// A proxy in front of a TCP server that a test can stop: connections through it break and new ones are refused, as
/// when the server is gone.
/// </summary>
sealed class InterruptibleProxy(string host, int port) : IAsyncDisposable
{
    readonly Lock guard = new();
    readonly List<TcpClient> open = [];
    TcpListener? listener;

    public int Port { get; private set; }

    public void Start()
    {
        var accepting = new TcpListener(IPAddress.Loopback, Port);
        accepting.Start();
        Port = ((IPEndPoint)accepting.LocalEndpoint).Port;
        listener = accepting;
        _ = Accept(accepting);
    }

    public void Stop()
    {
        listener?.Stop();
        lock (guard)
        {
            foreach (var connection in open)
                connection.Dispose();
            open.Clear();
        }
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }

    async Task Accept(TcpListener accepting)
    {
        try
        {
            while (true)
                _ = Pass(await accepting.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { } // stopped
    }

    async Task Pass(TcpClient near)
    {
        var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        lock (guard)
            open.AddRange([near, far]);
        try
        {
            await far.ConnectAsync(host, port);
            await Task.WhenAny(
                near.GetStream().CopyToAsync(far.GetStream()),
                far.GetStream().CopyToAsync(near.GetStream())
            );
        }
        catch (Exception e)
            // either side is gone
            when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException) { }
        finally
        {
            near.Dispose();
            far.Dispose();
        }
    }
}
