using Nightshift.Plumbing.Auth;

namespace Nightshift.Gateway.Routes;

/// <summary>Clients for the gateway's own questions to the services.</summary>
static class ServiceClients
{
    /// <summary>How long the gateway itself waits for a service's answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>One named client per process of a service; it carries the gateway's key.</summary>
    public static void AddServiceClients(this IServiceCollection services, Backends backends, string gatewayKey)
    {
        foreach (var backend in backends.Instances)
            services
                .AddHttpClient(
                    backend.Name,
                    client =>
                    {
                        (client.BaseAddress, client.Timeout) = (backend.Address, Patience);
                        client.DefaultRequestHeaders.Add(GatewayHeaders.Key, gatewayKey);
                    }
                )
                // a service that is down is shown on the status page; it need not fill the log as well
                .RemoveAllLoggers();
    }
}
