using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace Nightshift.Testing;

/// <summary>Who may use which endpoint of a service, read from its running endpoints.</summary>
public static class EndpointPolicies
{
    /// <summary>What every service has, wherever its name stands as <c>{service}</c>.</summary>
    static readonly string[] Common =
    [
        "GET /api/v2/messages/{service} Viewer",
        "GET /api/v2/retention/{service} Viewer",
        "GET /api/v2/streams/{streamId} Viewer",
        "GET /api/v2/streams/{streamId}/follow Viewer",
        "GET /api/v2/streams/{streamId}/state Viewer",
        "GET /api/v2/streams/{streamId}/values/{sha256} Viewer",
        "GET /internal/status ThroughGateway",
        "POST /api/v2/messages/{service}/discard Admin",
        "POST /api/v2/messages/{service}/retry Operator",
        "POST /api/v2/messages/{service}/{id}/discard Admin",
        "POST /api/v2/messages/{service}/{id}/retry Operator",
        "POST /api/v2/retention/{service}/run Admin",
        "* /healthz anybody",
        "* /livez anybody",
        "* /metrics Viewer",
        "* /readyz anybody",
    ];

    /// <summary>Checks every endpoint against the table: one that is not in it fails, as does one that is gone.</summary>
    /// <param name="host">The running service.</param>
    /// <param name="service">Its name.</param>
    /// <param name="own">The service's own endpoints: method, path, policy.</param>
    public static void Verify(RunningService host, string service, params string[] own) =>
        Assert.Equal(
            own.Concat(Common.Select(x => x.Replace("{service}", service, StringComparison.Ordinal)))
                .Order(StringComparer.Ordinal),
            host.Get<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .SelectMany(Lines)
                .Order(StringComparer.Ordinal)
        );

    static IEnumerable<string> Lines(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"];
        return methods.Select(x => $"{x} /{endpoint.RoutePattern.RawText!.Trim('/')} {Policy(endpoint)}");
    }

    // The last one named counts most: a group's comes first, an endpoint's own after it.
    static string Policy(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "anybody"
        : endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>() is [.., { Policy: { } policy }] ? policy
        : "closed";
}
