using Nightshift.Gateway.Tests.Routes;

namespace Nightshift.Gateway.Tests.Tokens;

public sealed class AuthorizationTests(FiveServices five) : IClassFixture<FiveServices>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Without a token: the page, the probes and GitHub's deliveries. A viewer looks, an operator also acts.
    [Theory]
    [InlineData("GET", "/", 200, 200, 200)]
    [InlineData("GET", "/page.js", 200, 200, 200)]
    [InlineData("GET", "/healthz", 200, 200, 200)]
    [InlineData("GET", "/livez", 200, 200, 200)]
    [InlineData("GET", "/readyz", 200, 200, 200)]
    [InlineData("POST", "/webhooks/github", 200, 200, 200)]
    [InlineData("GET", "/webhooks/github", 401, 404, 404)]
    [InlineData("POST", "/webhooks/github/x", 401, 403, 404)]
    [InlineData("POST", "/", 401, 403, 404)]
    [InlineData("POST", "/healthz", 401, 403, 404)]
    [InlineData("GET", "/status", 401, 200, 200)]
    [InlineData("GET", "/metrics", 401, 200, 200)]
    [InlineData("GET", "/metrics/scheduler", 401, 200, 200)]
    [InlineData("GET", "/api/v2/version", 401, 200, 200)]
    [InlineData("GET", "/nowhere", 401, 404, 404)]
    [InlineData("GET", "/api/v2/dags", 401, 200, 200)]
    [InlineData("HEAD", "/api/v2/dags", 401, 200, 200)]
    [InlineData("OPTIONS", "/api/v2/dags", 401, 200, 200)]
    [InlineData("POST", "/api/v2/dags", 401, 403, 200)]
    [InlineData("PATCH", "/api/v2/dags", 401, 403, 200)]
    [InlineData("DELETE", "/api/v2/dags", 401, 403, 200)]
    [InlineData("BREW", "/api/v2/dags", 401, 403, 200)]
    public async Task Each_request_is_open_from_a_role_on(
        string method,
        string path,
        int stranger,
        int viewer,
        int @operator
    ) =>
        Assert.Equal(
            (stranger, viewer, @operator),
            (await Status(method, path, null), await Status(method, path, "vera"), await Status(method, path, "oscar"))
        );

    async Task<int> Status(string method, string path, string? caller)
    {
        using var client = five.Gateway.Client(caller);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request, Cancel);
        return (int)answer.StatusCode;
    }
}
