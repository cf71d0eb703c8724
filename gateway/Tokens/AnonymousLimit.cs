using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Nightshift.Gateway.Routes;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Gateway.Tokens;

/// <summary>
/// Keeps strangers from using up the machine: a fixed window of one minute per address. Whoever has a token, and the
/// two probes, are not counted. Neither are signed deliveries, whose signature the webhooks service checks: GitHub must
/// not pay for what others send from the same address, as all do behind a proxy that is not named.
/// </summary>
static class AnonymousLimit
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    static readonly PathString[] Probes = ["/healthz", "/livez", "/readyz"];

    public static void AddAnonymousLimit(this IServiceCollection services, EdgeOptions edge) =>
        services.AddRateLimiter(x =>
        {
            x.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (string Address, bool Webhook)>(context =>
                Partition(context, edge)
            );
            x.OnRejected = Rejected;
        });

    static RateLimitPartition<(string, bool)> Partition(HttpContext context, EdgeOptions edge)
    {
        if (context.User.CallerRole() > Role.None || Probes.Contains(context.Request.Path))
            return RateLimitPartition.GetNoLimiter(("", false));
        var webhook = WebhookRequests.IsDelivery(context.Request);
        if (webhook && WebhookRequests.IsSigned(context.Request))
            return RateLimitPartition.GetNoLimiter(("", true));
        return RateLimitPartition.GetFixedWindowLimiter(
            (context.Connection.RemoteIpAddress?.ToString() ?? "unknown", webhook),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = edge.AnonymousRequestsPerMinute, Window = Window }
        );
    }

    static ValueTask Rejected(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after)
            ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds))
            : (int)Window.TotalSeconds;
        rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new(
            Problems.Write(
                rejected.HttpContext,
                StatusCodes.Status429TooManyRequests,
                "too_many_requests",
                WebhookRequests.IsDelivery(rejected.HttpContext.Request)
                    ? "Too many deliveries without a signature came from this address. Give the hook a secret."
                    : "Too many requests without a valid token came from this address. "
                        + $"Try again in {seconds} s, or send a token."
            )
        );
    }
}
