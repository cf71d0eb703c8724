using System.Reflection;
using Nightshift.Gateway.Routes;

namespace Nightshift.Gateway.Health;

/// <summary>The probes, and what Airflow's clients ask for at the same addresses.</summary>
static class HealthEndpoints
{
    static readonly string Version =
        typeof(HealthEndpoints)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("Healthy")).AllowAnonymous();
        app.MapGet("/livez", () => Results.Text("Healthy")).AllowAnonymous();
        app.MapGet("/readyz", Ready).AllowAnonymous();
        app.MapGet(
            "/api/v2/version",
            () => Results.Json(new Dictionary<string, string?> { ["version"] = Version, ["git_version"] = null })
        );
        app.MapGet("/api/v2/monitor/health", Monitor);
    }

    // Ready means the whole: /healthz says that the gateway itself answers.
    static async Task<IResult> Ready(ReadinessReader reader, Backends backends, CancellationToken cancellationToken)
    {
        var services = await reader.Read(cancellationToken);
        var ready = backends.All.All(x => ReadinessReader.IsUsable(x, services));
        return Results.Json(
            new
            {
                status = ready ? "ready" : "not ready",
                services = services.ToDictionary(x => x.Key, x => x.Value.State),
            },
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
    }

    // The scheduler also is what Airflow calls the DAG processor, and is ready only when its database answers; there is
    // no triggerer.
    static async Task<IResult> Monitor(
        ReadinessReader reader,
        Backends backends,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var scheduler = backends.All.Single(x => x.Name == "scheduler");
        var ready = ReadinessReader.IsUsable(scheduler, await reader.Read(cancellationToken));
        var (status, heartbeat) = (ready ? "healthy" : "unhealthy", ready ? clock.GetUtcNow() : (DateTimeOffset?)null);
        return Results.Json(
            new Dictionary<string, object>
            {
                ["metadatabase"] = new Dictionary<string, object?> { ["status"] = status },
                ["scheduler"] = new Dictionary<string, object?>
                {
                    ["status"] = status,
                    ["latest_scheduler_heartbeat"] = heartbeat,
                },
                ["triggerer"] = new Dictionary<string, object?>
                {
                    ["status"] = null,
                    ["latest_triggerer_heartbeat"] = null,
                },
                ["dag_processor"] = new Dictionary<string, object?>
                {
                    ["status"] = status,
                    ["latest_dag_processor_heartbeat"] = heartbeat,
                },
            }
        );
    }
}
