using System.Net;
using System.Net.Sockets;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

/// <summary>Real sockets: the kernel says whose they are.</summary>
public sealed class ListeningPortTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    public void A_port_belongs_to_the_process_that_listens_on_it(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Equal(Listener.Own, ListeningPort.Of(port, Environment.ProcessId));
        Assert.Equal(Listener.Other, ListeningPort.Of(port, pid: 1));
    }

    [Fact]
    public void A_process_that_has_ended_listens_nowhere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Assert.Equal(Listener.Other, ListeningPort.Of(((IPEndPoint)listener.LocalEndpoint).Port, int.MaxValue));
    }

    [Fact]
    public void A_connection_from_a_port_is_no_listener()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        client.Connect((IPEndPoint)listener.LocalEndpoint);

        Assert.Equal(
            Listener.None,
            ListeningPort.Of(((IPEndPoint)client.Client.LocalEndPoint!).Port, Environment.ProcessId)
        );
    }
}
