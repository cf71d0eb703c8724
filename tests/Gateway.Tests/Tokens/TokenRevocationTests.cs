using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Nightshift.Gateway.Tests.Hosting;

namespace Nightshift.Gateway.Tests.Tokens;

public sealed class TokenRevocationTests
{
    const string Follow = "/api/v2/streams/run-1/follow";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nina", "viewer")] // vera's token is revoked
    [InlineData("vera", "operator")] // her role is another
    public async Task A_followed_stream_ends_when_its_token_is_revoked_or_changed(string name, string role)
    {
        await using var service = await Upstream.Start(app => app.MapGet(Follow, Endless));
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        await using var stream = await client.GetStreamAsync(Follow, Cancel);
        Assert.Equal(1, await stream.ReadAsync(new byte[1], Cancel));

        gateway.WriteTokens((name, role), ("another", "viewer"));

        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(Stream.Null, Cancel));
    }

    [Fact]
    public async Task A_request_that_has_no_answer_yet_is_answered_with_401()
    {
        await using var service = await Upstream.Start(app =>
            app.MapGet(
                "/api/v2/dags",
                (HttpContext context) =>
                    Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        var asked = client.GetAsync("/api/v2/dags", Cancel);
        gateway.WriteTokens(("nina", "viewer"));
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_stream_goes_on_when_somebody_elses_token_is_revoked()
    {
        var more = new SemaphoreSlim(0);
        await using var service = await Upstream.Start(app =>
            app.MapGet(
                Follow,
                async (HttpContext context) =>
                {
                    await context.Response.Body.WriteAsync("a"u8.ToArray(), context.RequestAborted);
                    await more.WaitAsync(context.RequestAborted);
                    await context.Response.Body.WriteAsync("b"u8.ToArray(), context.RequestAborted);
                }
            )
        );
        await using var gateway = await RunningGateway.Start(service);
        using var vera = gateway.Client("vera");
        using var oscar = gateway.Client("oscar");
        await using var stays = await vera.GetStreamAsync(Follow, Cancel);
        await using var ends = await oscar.GetStreamAsync(Follow, Cancel);
        var buffer = new byte[2];
        Assert.Equal((1, 1), (await stays.ReadAsync(buffer, Cancel), await ends.ReadAsync(buffer, Cancel)));

        gateway.WriteTokens(("vera", "viewer"));

        await Assert.ThrowsAnyAsync<IOException>(() => ends.CopyToAsync(Stream.Null, Cancel));
        more.Release();
        Assert.Equal((1, (byte)'b'), (await stays.ReadAsync(buffer, Cancel), buffer[0]));
    }

    static async Task Endless(HttpContext context)
    {
        await context.Response.Body.WriteAsync("a"u8.ToArray(), context.RequestAborted);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
    }
}
