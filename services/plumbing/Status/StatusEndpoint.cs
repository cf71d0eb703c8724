using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Status;

/// <summary>When this process started.</summary>
public sealed record ProcessStart(DateTimeOffset At);

/// <summary>
/// <c>/internal/status</c>: for the gateway, which puts the services' answers together. A service that is not ready
/// says why, and nothing else: what it would say of itself rests on what is missing.
/// </summary>
static class StatusEndpoint
{
    public static void MapStatus(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetService<IStatusReport>() is { } report)
            app.MapGet("/internal/status", Status).RequireAuthorization(RolePolicies.ThroughGateway);

        async Task<ServiceStatus> Status(
            HealthCheckService health,
            ActionLog actions,
            ServiceProblems problems,
            ProcessStart start,
            CancellationToken cancellationToken
        )
        {
            var readiness = await health.CheckHealthAsync(x => x.Tags.Contains("ready"), cancellationToken);
            if (HealthResponse.Of(readiness).Line is { } line)
                return new ServiceStatus($"Not ready: {line}", Ok: false, start.At, []);
            var (state, ok) = await report.Read(cancellationToken);
            // What the service says of itself is more to the point.
            if (ok && await problems.Find(cancellationToken) is { } words)
                (state, ok) = (words, false);
            return new(state, ok, start.At, await actions.Latest(count: 10, cancellationToken));
        }
    }
}
