using Nightshift.Gateway.Tokens;
using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Tests.Tokens;

public sealed class AccessTests
{
    // Strangers: the probes, the page, and GitHub.
    [Theory]
    [InlineData("GET", "/", Verdict.Allowed)]
    [InlineData("GET", "/page.js", Verdict.Allowed)]
    [InlineData("GET", "/healthz", Verdict.Allowed)]
    [InlineData("HEAD", "/readyz", Verdict.Allowed)]
    [InlineData("POST", "/webhooks/github", Verdict.Allowed)]
    [InlineData("GET", "/webhooks/github", Verdict.Unknown)]
    [InlineData("POST", "/webhooks/github/x", Verdict.Unknown)]
    [InlineData("POST", "/", Verdict.Unknown)]
    [InlineData("GET", "/status", Verdict.Unknown)]
    [InlineData("GET", "/metrics", Verdict.Unknown)]
    [InlineData("GET", "/metrics/scheduler", Verdict.Unknown)]
    [InlineData("GET", "/api/v2/version", Verdict.Unknown)]
    [InlineData("GET", "/nowhere", Verdict.Unknown)]
    [InlineData("POST", "/healthz", Verdict.Unknown)]
    public void Strangers_see_the_page_and_the_probes_and_may_deliver(string method, string path, Verdict verdict) =>
        Assert.Equal(verdict, Access.Judge(method, path, Role.None));

    [Theory]
    [InlineData("GET", Role.Viewer, Verdict.Allowed)]
    [InlineData("HEAD", Role.Viewer, Verdict.Allowed)]
    [InlineData("POST", Role.Viewer, Verdict.RoleMissing)]
    [InlineData("PATCH", Role.Viewer, Verdict.RoleMissing)]
    [InlineData("PUT", Role.Viewer, Verdict.RoleMissing)]
    [InlineData("DELETE", Role.Viewer, Verdict.RoleMissing)]
    [InlineData("get", Role.None, Verdict.Unknown)]
    [InlineData("BREW", Role.Viewer, Verdict.RoleMissing)]
    [InlineData("POST", Role.Operator, Verdict.Allowed)]
    [InlineData("DELETE", Role.Operator, Verdict.Allowed)]
    [InlineData("DELETE", Role.Admin, Verdict.Allowed)]
    public void Looking_needs_a_viewer_and_anything_else_an_operator(string method, Role role, Verdict verdict) =>
        Assert.Equal(verdict, Access.Judge(method, "/api/v2/dags", role));
}
