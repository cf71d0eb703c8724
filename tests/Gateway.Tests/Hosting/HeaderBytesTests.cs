using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Nightshift.Gateway.Tests.Hosting;

/// <summary>Content networks add headers such as <c>CF-IPCity: São Paulo</c>, in Latin-1 or UTF-8.</summary>
public sealed class HeaderBytesTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_byte_above_ascii_passes_in_both_directions()
    {
        await using var service = await Upstream.Start(app =>
            app.MapPost(
                "/webhooks/github",
                (HttpContext context) => context.Response.Headers["X-Seen"] = context.Request.Headers["CF-IPCity"]
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        var city = string.Concat(Enumerable.Range(0x80, 0x80).Select(x => (char)x));
        var answer = await Post(gateway.Address, city);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains($"X-Seen: {city}", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("S\u00e3o Paulo")] // Latin-1
    [InlineData("S\u00c3\u00a3o Paulo")] // the bytes of UTF-8
    public async Task A_path_of_the_gateways_own_takes_them_too(string city)
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        Assert.StartsWith("HTTP/1.1 200", await Get(gateway.Address, "/healthz", city), StringComparison.Ordinal);
    }

    static Task<string> Post(Uri address, string city) =>
        Send(address, $"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nCF-IPCity: {city}\r\nContent-Length: 0\r\n");

    static Task<string> Get(Uri address, string path, string city) =>
        Send(address, $"GET {path} HTTP/1.1\r\nHost: x\r\nCF-IPCity: {city}\r\n");

    static async Task<string> Send(Uri address, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{head}Connection: close\r\n\r\n"), Cancel);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Cancel);
    }
}
