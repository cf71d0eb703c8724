using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests;

/// <summary>A scheduler in this process, on real PostgreSQL and RabbitMQ, over a DAGs folder of its own.</summary>
sealed class SchedulerHost : IAsyncDisposable
{
    readonly WebApplication app;
    readonly Task running;

    SchedulerHost(WebApplication app, Task running) => (this.app, this.running) = (app, running);

    public HttpClient Http { get; } = new();

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<SchedulerHost> Start(IReadOnlyList<string> settings, string dags, CancellationToken cancellationToken)
    {
        var app = await SchedulerService.Create([.. settings, $"--Nightshift:DagsDirectory={dags}"]);
        var started = new TaskCompletionSource();
        app.Lifetime.ApplicationStarted.Register(started.SetResult);
        var running = NightshiftService.Run(app);
        await (await Task.WhenAny(started.Task, running).WaitAsync(cancellationToken));
        var host = new SchedulerHost(app, running) { Http = { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) } };
        host.Http.DefaultRequestHeaders.Add(GatewayOnly.KeyHeader, TestInfrastructure.GatewayKey);
        host.Http.DefaultRequestHeaders.Add(Caller.RoleHeader, "operator");
        return host;
    }

    public Task<JsonElement> Read(string path, CancellationToken cancellationToken) => Http.GetFromJsonAsync<JsonElement>(path, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        app.Lifetime.StopApplication();
        await running;
        await app.DisposeAsync();
    }
}
