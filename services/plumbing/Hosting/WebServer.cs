using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Nightshift.Plumbing.Hosting;

/// <summary>Kestrel as the gateway and every service use it.</summary>
public static class WebServer
{
    /// <summary>
    /// Names no server, and takes header values byte by byte: proxies and content networks add values in Latin-1 or
    /// UTF-8 (<c>CF-IPCity: São Paulo</c>), which Kestrel's default refuses or HttpClient cannot send on.
    /// </summary>
    public static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
    }
}
