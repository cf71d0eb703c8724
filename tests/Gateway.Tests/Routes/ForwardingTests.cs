using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
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
