using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Nightshift.Plumbing.Auth;
using Yarp.ReverseProxy.Transforms;

namespace Nightshift.Gateway.Routes;

/// <summary>Forwards to the services.</summary>
static class ProxySetup
{
    /// <param name="services">The gateway's registrations.</param>
    /// <param name="backends">Where the services are.</param>
    /// <param name="gatewayKey">The secret <c>gateway-key</c>; proves to a service that the caller's name and role are
    /// the gateway's word.</param>
    public static void AddServiceProxy(this IServiceCollection services, Backends backends, string gatewayKey) =>
        services
            .Configure<KeyManagementOptions>(x => x.XmlRepository = new ForgottenKeys())
            .AddReverseProxy()
            .LoadFromMemory(RouteTable.Routes(backends), RouteTable.Clusters(backends))
            .ConfigureHttpClient((_, handler) => handler.ConnectCallback = PatientConnect.With(TimeProvider.System))
            .AddTransforms(x =>
                x.AddRequestTransform(request =>
                {
                    var headers = request.ProxyRequest.Headers;
                    headers.Remove("Authorization"); // the token stays at the door
                    headers.Remove("Cookie");
                    headers.Remove(GatewayKeyMiddleware.KeyHeader);
                    headers.Add(GatewayKeyMiddleware.KeyHeader, gatewayKey);
                    return ValueTask.CompletedTask;
                })
            );

    public static void MapServiceProxy(this IEndpointRouteBuilder app) =>
        app.MapReverseProxy(x => x.Use(ProxyErrors.Explain));
}
