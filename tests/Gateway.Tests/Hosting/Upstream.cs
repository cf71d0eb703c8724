using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Nightshift.Gateway.Tests.Hosting;

/// <summary>A real server on loopback in a service's place.</summary>
sealed class Upstream : IAsyncDisposable
{
    readonly WebApplication app;

    Upstream(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public static async Task<Upstream> Start(Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(x =>
            {
                Nightshift.Plumbing.Hosting.WebServer.Configure(x);
                x.Limits.MaxRequestBodySize = null;
            });
        var app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Upstream(app);
    }

    /// <summary>Says who it is, what it was asked and with which headers.</summary>
    public static Task<Upstream> Echo(string name) =>
        Start(app =>
            app.Map(
                "/{**path}",
                (HttpContext context) =>
                    Results.Json(
                        new Seen(
                            name,
                            context.Request.Method,
                            $"{context.Request.Path}{context.Request.QueryString}",
                            context.Request.Headers.ToDictionary(x => x.Key.ToLowerInvariant(), x => x.Value.ToString())
                        )
                    )
            )
        );

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
    }
}

/// <summary>What an echoing service saw; names of headers in lower case.</summary>
sealed record Seen(string Service, string Method, string Target, Dictionary<string, string> Headers);
