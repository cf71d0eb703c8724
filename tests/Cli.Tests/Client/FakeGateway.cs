using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Nightshift.Cli.Tests.Client;

/// <summary>A real server on loopback that answers as the test says.</summary>
sealed class FakeGateway(WebApplication app) : IAsyncDisposable
{
    public string Url => app.Urls.First();

    public static async Task<FakeGateway> Start(Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new FakeGateway(app);
    }

    public static Task<FakeGateway> Answering(int status, string body, string type = "application/json") =>
        Start(x => x.Map("/{**path}", (HttpContext context) => Results.Text(body, type, statusCode: status)));

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
    }
}
