using Microsoft.Extensions.Options;
using Nightshift.Gateway.Files;
using Nightshift.Gateway.Health;
using Nightshift.Gateway.Page;
using Nightshift.Gateway.Routes;
using Nightshift.Gateway.Status;
using Nightshift.Gateway.Tokens;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Secrets;
using Nightshift.Plumbing.Telemetry;

namespace Nightshift.Gateway;

/// <summary>The one way in: authenticates, routes, and shows how everything is. It owns no rule and no table.</summary>
public sealed class GatewayApp
{
    GatewayApp() { }

    /// <summary>Builds the gateway, ready to run.</summary>
    /// <param name="args">Command line; <c>--Nightshift:TokensFile=…</c> overrides the environment.</param>
    /// <exception cref="OptionsValidationException">Settings, or the secret <c>gateway-key</c>, are missing or wrong;
    /// the message lists all of them.</exception>
    public static async Task<WebApplication> Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddTelemetry("gateway");
        // keys that are not used need not be safe
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // Log.ServiceFailed says it in one line
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.Error);
        var options = OptionsReader.Read(builder.Configuration);
        var secrets = new SecretStore(
            Options.Create(new NightshiftOptions { SecretsDirectory = options.SecretsDirectory }),
            TimeProvider.System
        );
        var backends = new Backends(options.Services);

        builder.WebHost.UseListening(options.Gateway);
        builder.Services.AddProblemDetails().ConfigureHttpJsonOptions(x => Json.Apply(x.SerializerOptions));
        builder
            .Services.AddSingleton(TimeProvider.System)
            .AddSingleton(backends)
            .AddSingleton(new SupervisorStatus(options.Supervisor))
            .AddSingleton<StatusReader>()
            .AddSingleton<ReadinessReader>();
        builder.Services.AddSingleton(x => new TokenStore(
            new WatchedFile<IReadOnlyList<TokenEntry>>(
                [options.TokensFile],
                initial: [],
                () => TokenFile.Read(options.TokensFile),
                x.GetRequiredService<ILogger<TokenStore>>()
            )
        ));
        builder.Services.AddSingleton<TokenRevocation>().AddTokenAuthorization();
        builder.Services.AddAnonymousLimit(options.Gateway);
        var key = await secrets.Require("gateway-key", CancellationToken.None);
        builder.Services.AddServiceProxy(backends, key);
        builder.Services.AddServiceClients(backends, key);
        return Map(builder.Build(), options.Gateway);
    }

    // The order is the meaning: know the caller, limit strangers, then authorize; the page for browsers is chosen
    // before routing.
    static WebApplication Map(WebApplication app, EdgeOptions edge)
    {
        app.UseClientAddress(edge);
        app.UseSecurityHeaders();
        app.UseProblems();
        app.UseAuthentication();
        app.UsePageForBrowsers();
        app.UseRateLimiter();
        app.UseWebhookLimits();
        app.UseRouting();
        app.UseAuthorization();
        app.Use(app.Services.GetRequiredService<TokenRevocation>().Watch);
        app.MapPage();
        app.MapHealth();
        app.MapStatus();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapServiceProxy();
        app.MapFallback(
            "{**path}",
            (HttpContext context) =>
                Problems.Write(
                    context,
                    StatusCodes.Status404NotFound,
                    "unknown_path",
                    $"There is nothing at {context.Request.Method} {context.Request.Path}. "
                        + "The API is below /api/v2, the status at /status."
                )
        );
        return app;
    }
}
