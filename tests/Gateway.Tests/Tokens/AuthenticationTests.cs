using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Nightshift.Gateway.Tests.Hosting;

namespace Nightshift.Gateway.Tests.Tokens;

public sealed class AuthenticationTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_without_a_token_is_told_how_to_get_one()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client();
        using var answer = await client.GetAsync("/api/v2/dags", Cancel);
        Assert.Equal(
            (HttpStatusCode.Unauthorized, "Bearer realm=\"nightshift\""),
            (answer.StatusCode, answer.Headers.WwwAuthenticate.ToString())
        );
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal("token_missing", problem.GetProperty("code").GetString());
        Assert.Contains(
            "nightshift tokens create",
            problem.GetProperty("detail").GetString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_viewer_may_not_change_anything()
    {
        await using var gateway = await RunningGateway.Start(upstream: null);
        using var client = gateway.Client("vera");
        using var answer = await client.PostAsync("/api/v2/dags/hello/dagRuns", content: null, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains(
            "needs the role operator; the token 'vera' has viewer",
            await answer.Content.ReadAsStringAsync(Cancel),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Services_learn_the_caller_from_the_token_whatever_the_client_claims()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(service);
        using var client = gateway.Client("vera");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/dags");
        request.Headers.Add("X-Nightshift-Caller", "ada");
        request.Headers.Add("x-nightshift-role", "Admin");
        request.Headers.Add("X-NIGHTSHIFT-GATEWAY-KEY", "guess");
        request.Headers.Add("Cookie", "session=1");
        var seen = await (await client.SendAsync(request, Cancel)).Content.ReadFromJsonAsync<Seen>(Cancel);
        Assert.NotNull(seen);
        Assert.Equal(
            ("vera", "Viewer", RunningGateway.Key),
            (
                seen.Headers["x-nightshift-caller"],
                seen.Headers["x-nightshift-role"],
                seen.Headers["x-nightshift-gateway-key"]
            )
        );
        Assert.DoesNotContain("authorization", seen.Headers.Keys);
        Assert.DoesNotContain("cookie", seen.Headers.Keys);
    }

    [Fact]
    public async Task A_changed_file_of_tokens_counts_at_once_and_a_broken_one_changes_nothing()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(service);
        using var vera = gateway.Client("vera");
        using var nina = gateway.Client("nina");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await Status(vera), await Status(nina)));

        gateway.WriteTokens(("nina", "viewer"), ("someone-else", "viewer"), ("and-another", "viewer"));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await Status(vera), await Status(nina)));

        await File.WriteAllTextAsync(gateway.TokensFile, "[{", Cancel);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await Status(vera), await Status(nina)));
    }

    [Fact]
    public async Task Deleting_the_file_of_tokens_revokes_them_all_at_once()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(service);
        using var vera = gateway.Client("vera");
        Assert.Equal(HttpStatusCode.OK, await Status(vera));

        File.Delete(gateway.TokensFile);
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(vera));

        gateway.WriteTokens(("vera", "viewer"));
        Assert.Equal(HttpStatusCode.OK, await Status(vera));
    }

    [Fact]
    public async Task Strangers_are_slowed_down_and_token_holders_are_not()
    {
        await using var service = await Upstream.Echo("any");
        await using var gateway = await RunningGateway.Start(
            service,
            "--Nightshift:Gateway:AnonymousRequestsPerMinute=3"
        );
        using var stranger = gateway.Client();
        using var vera = gateway.Client("vera");
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(stranger));
        using var refused = await stranger.GetAsync("/api/v2/dags", Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, await Status(vera));
        using var probe = await stranger.GetAsync("/healthz", Cancel);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        using var delivery = await stranger.PostAsync("/webhooks/github", content: null, Cancel);
        Assert.Equal(HttpStatusCode.OK, delivery.StatusCode);
    }

    static async Task<HttpStatusCode> Status(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v2/dags", Cancel);
        return answer.StatusCode;
    }
}
