using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// Just enough of AMQP 0-9-1 to know whether a broker takes the login: header, Start, Start-Ok, then Tune or a closed
/// door.
/// </summary>
public static class Amqp
{
    static ReadOnlySpan<byte> Header => "AMQP\0\0\t\u0001"u8;
    static readonly Version Oldest = new(3, 10);
    const uint ConnectionStart = 10 << 16 | 10,
        ConnectionTune = 10 << 16 | 30;

    public static async Task<bool> Listens(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <returns>True when something answers in AMQP, whatever it says. A connection alone says nothing: the kernel
    /// makes it for a hung broker too.</returns>
    public static async Task<bool> IsAlive(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Header.ToArray(), cancellationToken);
            return (await ReadMethod(stream, cancellationToken)).Length > 0;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    /// <returns>False while nothing, or nothing that speaks AMQP yet, listens there.</returns>
    /// <exception cref="ProblemException">The broker answers but is too old, or refuses the login.</exception>
    public static async Task<bool> Answers(
        string host,
        int port,
        string user,
        string password,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Header.ToArray(), cancellationToken);
            var start = await ReadMethod(stream, cancellationToken);
            if (MethodOf(start) != ConnectionStart)
                return false;
            if (
                VersionIn(start) is var version
                && Version.TryParse(version?.Split('-')[0], out var known)
                && known < Oldest
            )
                throw new ProblemException(
                    $"RabbitMQ at {host}:{port} has version {version}; {Oldest} or newer is needed."
                );
            await stream.WriteAsync(StartOk(user, password), cancellationToken);
            return MethodOf(await ReadMethod(stream, cancellationToken)) == ConnectionTune
                ? true
                : throw new ProblemException(
                    $"RabbitMQ at {host}:{port} refuses user {user}: its data and the secret rabbitmq-password do "
                        + "not belong together."
                );
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>Checks a broker that somebody else runs.</summary>
    /// <returns>Its address without the password, and the password.</returns>
    /// <exception cref="ProblemException">The address cannot be read, nobody answers there, or the login is
    /// refused.</exception>
    public static async Task<(string WithoutPassword, string Password)> Require(
        string address,
        CancellationToken cancellationToken
    )
    {
        if (
            !Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || uri.Scheme != "amqp"
            || uri.UserInfo.Split(':') is not [var user, var password]
        )
            throw new ProblemException("NIGHTSHIFT_RABBITMQ must read amqp://user:password@host:port/virtual-host.");
        var port = uri.Port > 0 ? uri.Port : 5672;
        if (
            !await Answers(
                uri.Host,
                port,
                Uri.UnescapeDataString(user),
                Uri.UnescapeDataString(password),
                cancellationToken
            )
        )
            throw new ProblemException($"No RabbitMQ answers at {uri.Host}:{port} (NIGHTSHIFT_RABBITMQ).");
        return (address.Replace($":{password}@", "@", StringComparison.Ordinal), Uri.UnescapeDataString(password));
    }

    // A broker that refuses a client without the capability "authentication_failure_close" just hangs up.
    static async Task<byte[]> ReadMethod(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new byte[7];
        if (
            await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length
        )
            return [];
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(3)) + 1];
        await stream.ReadExactlyAsync(body, cancellationToken);
        return body;
    }

    static uint MethodOf(byte[] body) => body.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(body);

    // The server-properties are a table; one entry of it is the short string "version", S for a long string, its length
    // in 32 bits, and the text.
    static string? VersionIn(ReadOnlySpan<byte> start)
    {
        var name = "\u0007versionS"u8;
        if (start.IndexOf(name) is not (>= 0 and var at) || start[(at + name.Length)..] is not { Length: > 4 } rest)
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        return length >= 0 && length <= rest.Length - 4 ? Encoding.UTF8.GetString(rest.Slice(4, length)) : null;
    }

    static byte[] StartOk(string user, string password)
    {
        var response = Encoding.UTF8.GetBytes($"\0{user}\0{password}");
        byte[] body =
        [
            0,
            10,
            0,
            11,
            0,
            0,
            0,
            0, // connection.start-ok, no client properties
            5,
            .. "PLAIN"u8,
            .. Length(response.Length),
            .. response,
            5,
            .. "en_US"u8,
        ];
        return [1, 0, 0, .. Length(body.Length), .. body, 0xCE];
    }

    static byte[] Length(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
