using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Nightshift.Plumbing.Status;

/// <summary>When this process started.</summary>
public sealed record ProcessStart(DateTimeOffset At);

/// <summary><c>/internal/status</c>: for the gateway, which puts the services' answers together.</summary>
static class StatusEndpoint
{
    public static void MapStatus(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetService<IStatusReport>() is not { } report)
            return;
        app.MapGet(
            "/internal/status",
            async (
                ActionLog actions,
                ServiceProblems trouble,
                ProcessStart start,
                CancellationToken cancellationToken
            ) =>
            {
                var (name, state, ok) = await report.Read(cancellationToken);
                if (ok && await trouble.Find(cancellationToken) is { } words)
                    (state, ok) = (words, false); // what the service says of itself is more to the point
                return new ServiceStatus(name, state, ok, start.At, await actions.Latest(count: 10, cancellationToken));
            }
        );
    }
}
