using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Auth;

/// <summary>
/// Lets nothing in that did not come through the gateway, except the two probes. The gateway has authenticated the
/// caller; the key proves it was the gateway.
/// </summary>
public sealed class GatewayKeyMiddleware(RequestDelegate next, byte[] gatewayKey, ILogger<GatewayKeyMiddleware> log)
{
    /// <summary>The header that carries the secret <c>gateway-key</c>.</summary>
    public const string KeyHeader = "X-Nightshift-Gateway-Key";

    static readonly PathString[] Probes = ["/readyz", "/healthz"];

    /// <summary>Passes the request on, or answers 403.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (Probes.Contains(context.Request.Path) || HasKey(context))
            return next(context);
        PlumbingLog.NotThroughGateway(
            log,
            context.Request.Method,
            context.Request.Path,
            context.Connection.RemoteIpAddress?.ToString()
        );
        return Problems.Write(
            context,
            StatusCodes.Status403Forbidden,
            "not_through_gateway",
            "Services answer the gateway only. Send the request to the gateway's URL, with a token."
        );
    }

    bool HasKey(HttpContext context) =>
        context.Request.Headers[KeyHeader] is [{ } key]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), gatewayKey);
}
