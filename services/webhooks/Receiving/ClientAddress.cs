using System.Net;
using System.Net.Sockets;

namespace Nightshift.Webhooks.Receiving;

/// <summary>Where a request came from, as the gateway says; it alone reaches this service.</summary>
static class ClientAddress
{
    const int PrefixBytes = 8;

    /// <summary>
    /// The client's address. The gateway replaces <c>X-Forwarded-For</c> by what it knows, whatever the client sent.
    /// </summary>
    public static IPAddress Of(HttpContext context)
    {
        var forwarded = context.Request.Headers["X-Forwarded-For"] is [.., { } last] ? last : null;
        var address = IPAddress.TryParse(forwarded?.Split(',')[^1].Trim(), out var client)
            ? client
            : context.Connection.RemoteIpAddress ?? IPAddress.None;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>What counts as one sender: an IPv4 address, or the /64 network that one IPv6 subscriber has.</summary>
    public static string SenderOf(IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetworkV6
            ? $"{new IPAddress([.. address.GetAddressBytes().Take(PrefixBytes), .. new byte[16 - PrefixBytes]])}/64"
            : address.ToString();
}
