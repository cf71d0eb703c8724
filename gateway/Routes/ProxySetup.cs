using System.Net.Http.Headers;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Nightshift.Plumbing.Auth;
using Yarp.ReverseProxy.Transforms;

namespace Nightshift.Gateway.Routes;

/// <summary>Forwards to the services.</summary>
static class ProxySetup
{
    // Longer than a service waits before it reads a body; then the body is sent all the same.
    static readonly TimeSpan WaitForContinue = TimeSpan.FromSeconds(10);

    /// <param name="services">The gateway's registrations.</param>
    /// <param name="backends">Where the services are.</param>
    /// <param name="gatewayKey">The secret <c>gateway-key</c>; proves to a service that the caller's name and role are
    /// the gateway's word.</param>
    public static void AddServiceProxy(this IServiceCollection services, Backends backends, string gatewayKey) =>
        services
            .Configure<KeyManagementOptions>(x => x.XmlRepository = new DiscardedKeyRepository())
            .AddReverseProxy()
            .LoadFromMemory(RouteTable.Routes(backends), RouteTable.Clusters(backends))
            .ConfigureHttpClient(
                (cluster, handler) =>
                    (handler.ConnectCallback, handler.Expect100ContinueTimeout) = (
                        ConnectWithRetry.With(TimeProvider.System, InstancesOf(cluster.ClusterId, backends)),
                        WaitForContinue
                    )
            )
            .AddTransforms(x =>
                x.AddRequestTransform(request =>
                {
                    var (headers, user) = (request.ProxyRequest.Headers, request.HttpContext.User);
                    headers.Remove("Authorization"); // the token goes no further
                    headers.Remove("Cookie");
                    // Whatever the client claims in the headers that services trust is replaced.
                    Set(headers, GatewayHeaders.Key, gatewayKey);
                    Set(headers, GatewayHeaders.Caller, user.CallerName());
                    Set(headers, GatewayHeaders.Role, user.CallerRole().ToString());
                    // The service refuses most deliveries before it reads their body. Without this the body would be
                    // on its way already, and the connection break under it.
                    if (
                        WebhookRequests.IsDelivery(request.HttpContext.Request)
                        && request.ProxyRequest.Content is not null
                    )
                        headers.ExpectContinue = true;
                    return ValueTask.CompletedTask;
                })
            );

    static IReadOnlyList<Uri> InstancesOf(string clusterId, Backends backends) =>
        backends.All.FirstOrDefault(x => x.Name == RouteTable.ServiceOf(clusterId)) is { } service
        && !RouteTable.IsOfOneProcess(clusterId)
            ? [.. service.Instances.Select(x => x.Address)]
            : [];

    static void Set(HttpRequestHeaders headers, string name, string value)
    {
        headers.Remove(name);
        headers.Add(name, value);
    }

    public static void MapServiceProxy(this IEndpointRouteBuilder app) =>
        app.MapReverseProxy(x => x.Use(ProxyErrors.Explain));
}
