using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Nightshift.Gateway;

/// <summary>Whose word about a client's address counts.</summary>
static class ProxyAddresses
{
    /// <summary>
    /// Takes the client's address from <c>X-Forwarded-For</c> when a named proxy connects; of several proxies in a row
    /// each must be named.
    /// </summary>
    public static void UseClientAddress(this IApplicationBuilder app, EdgeOptions edge)
    {
        if (edge.TrustedProxies.Count == 0)
            return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in edge.TrustedProxies)
            options.KnownIPNetworks.Add(Parse(proxy)!.Value);
        app.UseForwardedHeaders(options);
    }

    /// <summary>One sentence for each entry that is neither an address nor a network.</summary>
    public static IEnumerable<string> Mistakes(EdgeOptions edge) =>
        edge
            .TrustedProxies.Index()
            .Where(x => Parse(x.Item) is null)
            .Select(x =>
                $"Nightshift:Gateway:TrustedProxies:{x.Index} is '{x.Item}'; write an address such as 10.0.0.7, or a "
                + "network such as 10.0.0.0/8"
            );

    static IPNetwork? Parse(string proxy) =>
        IPNetwork.TryParse(proxy, out var network) ? network
        : IPAddress.TryParse(proxy, out var address) ? new(address, address.GetAddressBytes().Length * 8)
        : null;
}
