using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

/// <summary>A broker that says its version, takes any login, and no more.</summary>
public sealed class AmqpTests : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public AmqpTests() => listener.Start();

    public void Dispose() => listener.Dispose();

    [Theory]
    [InlineData("3.10.0")]
    [InlineData("3.13.7")]
    [InlineData("4.1.0-rc.2")]
    public async Task A_broker_that_is_new_enough_is_taken(string version) => Assert.True(await Ask(version));

    [Theory]
    [InlineData("3.9.29")]
    [InlineData("2.8.4")]
    public async Task An_older_broker_is_refused_with_both_versions(string version)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Ask(version));
        Assert.Contains($"has version {version}; 3.10 or newer is needed", problem.Message, StringComparison.Ordinal);
    }

    async Task<bool> Ask(string version)
    {
        var broker = Serve(version);
        var answer = await Amqp.Answers(
            "127.0.0.1",
            ((IPEndPoint)listener.LocalEndpoint).Port,
            "user",
            "password",
            Cancelled
        );
        await broker;
        return answer;
    }

    async Task Serve(string version)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancelled);
        await using var stream = client.GetStream();
        await stream.ReadExactlyAsync(new byte[8], Cancelled);
        byte[] table =
        [
            .. Short("product"),
            (byte)'S',
            .. Long("RabbitMQ"),
            .. Short("version"),
            (byte)'S',
            .. Long(version),
        ];
        await stream.WriteAsync(
            Frame([0, 10, 0, 10, 0, 9, .. Length(table.Length), .. table, .. Long("PLAIN"), .. Long("en_US")]),
            Cancelled
        );
        if (await stream.ReadAsync(new byte[1024], Cancelled) > 0)
            await stream.WriteAsync(Frame([0, 10, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0]), Cancelled);
    }

    static byte[] Frame(byte[] method) => [1, 0, 0, .. Length(method.Length), .. method, 0xCE];

    static byte[] Short(string text) => [(byte)text.Length, .. System.Text.Encoding.UTF8.GetBytes(text)];

    static byte[] Long(string text) => [.. Length(text.Length), .. System.Text.Encoding.UTF8.GetBytes(text)];

    static byte[] Length(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
