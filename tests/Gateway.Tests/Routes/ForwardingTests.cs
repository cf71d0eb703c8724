using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Gateway.Routes;
using Nightshift.Gateway.Tests.Hosting;
using Yarp.ReverseProxy.Forwarder;

namespace Nightshift.Gateway.Tests.Routes;

public sealed class ForwardingTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_followed_stream_arrives_event_by_event()
    {
        var more = new SemaphoreSlim(0); // the server sends the next event only when the test has read the one before
        await using var service = await Upstream.Start(app =>
            app.MapGet(
                "/api/v2/streams/{id}/follow",
                (CancellationToken cancellationToken) =>
                    TypedResults.ServerSentEvents(Events(more, cancellationToken), "step")
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        more.Release(); // an answer begins with its first event
        await using var stream = await client.GetStreamAsync("/api/v2/streams/run-1/follow", Cancel);
        await using var events = SseParser.Create(stream).EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.Equal(("step", $"{i}"), (events.Current.EventType, events.Current.Data));
            more.Release();
        }
    }

    static async IAsyncEnumerable<int> Events(
        SemaphoreSlim more,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var i = 0; ; i++)
        {
            await more.WaitAsync(cancellationToken);
            yield return i;
        }
    }

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
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_larger_body_is_refused_whether_or_not_it_says_its_length(bool chunked)
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
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github")
        {
            Content = new ByteArrayContent(new byte[41 << 20]),
        };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true; // so that the refusal is read before the whole body is sent
        using var answer = await client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_service_that_is_down_is_named()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client("vera");
        using var answer = await client.GetAsync("/api/v2/incidents", Cancel);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)),
            (answer.StatusCode, answer.Headers.RetryAfter?.Delta)
        );
        Assert.Contains(
            "'escalation' is down",
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_request_waits_for_a_service_that_is_just_being_restarted()
    {
        using var reserved = new Socket(SocketType.Stream, ProtocolType.Tcp);
        // bound and not listening: connections are refused, and nobody else gets the port
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)reserved.LocalEndPoint!).Port;
        await using var gateway = await RunningGateway.Start(
            upstream: null,
            $"--Nightshift:Services:Webhooks=http://127.0.0.1:{port}"
        );
        using var client = gateway.Client();
        var delivery = client.PostAsync("/webhooks/github", new StringContent("{}"), Cancel);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await probe.ConnectAsync(IPAddress.Loopback, port, Cancel);
        });
        Assert.False(delivery.IsCompleted);
        reserved.Listen();
        using var accepted = await reserved.AcceptAsync(Cancel);
        await accepted.SendAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Cancel);
        Assert.Equal(HttpStatusCode.Accepted, (await delivery).StatusCode);
    }

    [Theory]
    [InlineData(ForwarderError.RequestTimedOut, 504)]
    [InlineData(ForwarderError.Request, 502)]
    [InlineData(ForwarderError.ResponseBodyDestination, 502)]
    [InlineData(ForwarderError.RequestBodyClient, 400)]
    [InlineData(ForwarderError.RequestCanceled, null)]
    public void Each_way_to_fail_has_its_answer(ForwarderError error, int? status) =>
        Assert.Equal(status, ProxyErrors.Answer(error, cause: null, "scheduler")?.Status);
}
