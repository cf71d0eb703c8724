using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Gateway.Tests.Hosting;

namespace Nightshift.Gateway.Tests.Routes;

public sealed class WebhookRequestTests
{
    const string Signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_body_of_a_webhook_arrives_byte_for_byte_with_its_headers()
    {
        await using var service = await Upstream.Start(app =>
            app.MapPost(
                "/webhooks/github",
                async Task<IResult> (HttpContext context, CancellationToken cancellationToken) =>
                    Results.Text(
                        $"{Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body, cancellationToken))} {context.Request.ContentType} {context.Request.Headers["X-Hub-Signature-256"]}"
                    )
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client();
        var body = new byte[25 << 20]; // GitHub's largest, with bytes that are no text
        new Random(1).NextBytes(body);
        using var content = new ByteArrayContent(body)
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("application/json; charset=UTF-8") },
        };
        content.Headers.Add("X-Hub-Signature-256", "sha256=ab");
        using var answer = await client.PostAsync("/webhooks/github", content, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            $"{Convert.ToHexString(SHA256.HashData(body))} application/json; charset=UTF-8 sha256=ab",
            await answer.Content.ReadAsStringAsync(Cancel)
        );
    }

    [Fact]
    public async Task A_form_may_be_as_long_as_the_webhooks_service_takes_it()
    {
        await using var service = await Upstream.Start(app =>
            app.MapPost(
                "/webhooks/github",
                async (HttpContext context) =>
                    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted)
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client();
        using var content = new ByteArrayContent(new byte[40 << 20])
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded") },
        };
        using var answer = await client.PostAsync("/webhooks/github", content, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("application/json", 27, true)]
    [InlineData("application/json", 27, false)]
    [InlineData("application/x-www-form-urlencoded", 41, true)]
    [InlineData("application/x-www-form-urlencoded", 41, false)]
    public async Task A_larger_body_is_refused_whether_or_not_it_says_its_length(string type, int size, bool chunked)
    {
        await using var service = await Upstream.Start(app =>
            app.MapPost(
                "/webhooks/github",
                async (HttpContext context) =>
                    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted)
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client();
        using var request = Post(new byte[size << 20], type);
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true; // so that the refusal is read before the whole body is sent
        using var answer = await client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(415)]
    [InlineData(503)]
    public async Task A_refusal_before_the_body_is_read_reaches_the_client(int status)
    {
        await using var service = await Upstream.Start(app =>
            app.MapPost("/webhooks/github", () => Results.StatusCode(status))
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client();
        for (var i = 0; i < 10; i++)
        {
            using var request = Post(new byte[26 << 20]);
            request.Headers.ExpectContinue = true;
            using var answer = await client.SendAsync(request, Cancel);
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task Unsigned_deliveries_are_limited_and_signed_ones_from_the_same_address_are_not()
    {
        await using var service = await Upstream.Echo("webhooks");
        await using var gateway = await RunningGateway.Start(
            service,
            "--Nightshift:Gateway:AnonymousRequestsPerMinute=3"
        );
        using var client = gateway.Client();
        List<HttpStatusCode> unsigned = [];
        for (var i = 0; i < 20; i++)
            foreach (var signature in (string?[])[null, "sha256=", "sha1=757107ea", Signature + "0"])
                unsigned.Add(await Send(client, signature));
        Assert.Equal(3, unsigned.Count(x => x is HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.TooManyRequests, unsigned[^1]);
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.OK, await Send(client, Signature));
    }

    [Theory]
    // the test connects from loopback
    [InlineData(null, "203.0.113.7", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.0/8", "203.0.113.7", "127.0.0.1")]
    public async Task The_clients_address_comes_from_a_header_only_when_its_proxy_is_named(
        string? proxy,
        string header,
        string expected
    )
    {
        await using var service = await Upstream.Echo("webhooks");
        await using var gateway = await RunningGateway.Start(
            service,
            proxy is null ? [] : [$"--Nightshift:Gateway:TrustedProxies:0={proxy}"]
        );
        using var client = gateway.Client();
        using var request = Post([1]);
        request.Headers.Add("X-Forwarded-For", header);
        using var answer = await client.SendAsync(request, Cancel);
        var seen = await answer.Content.ReadFromJsonAsync<Seen>(Cancel);
        Assert.Equal(expected, seen!.Headers["x-forwarded-for"]);
    }

    [Fact]
    public async Task A_proxy_that_is_no_address_is_a_mistake_that_says_what_to_write()
    {
        var mistake = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            RunningGateway.Start(upstream: null, "--Nightshift:Gateway:TrustedProxies:0=proxy.local")
        );
        Assert.Contains(
            "TrustedProxies:0 is 'proxy.local'; write an address",
            mistake.Message,
            StringComparison.Ordinal
        );
    }

    static async Task<HttpStatusCode> Send(HttpClient client, string? signature)
    {
        using var request = Post([1], signature: signature);
        using var answer = await client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    static HttpRequestMessage Post(byte[] body, string type = "application/json", string? signature = Signature)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } },
        };
        if (signature is not null)
            request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", signature);
        return request;
    }
}
