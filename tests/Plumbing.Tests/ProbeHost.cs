using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>The probe service in this process, on real PostgreSQL and RabbitMQ.</summary>
sealed class ProbeHost : IAsyncDisposable
{
    readonly WebApplication app;
    readonly Task running;

    ProbeHost(WebApplication app, Task running) => (this.app, this.running) = (app, running);

    public StreamStore<Tally> Tallies => Get<StreamStore<Tally>>();

    public HttpClient Http { get; } = new();

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<ProbeHost> Start(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var app = await ProbeService.Create([.. settings]);
        var started = new TaskCompletionSource();
        app.Lifetime.ApplicationStarted.Register(started.SetResult);
        var running = NightshiftService.Run(app);
        await (await Task.WhenAny(started.Task, running).WaitAsync(cancellationToken));
        var host = new ProbeHost(app, running) { Http = { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) } };
        host.Http.DefaultRequestHeaders.Add(GatewayOnly.KeyHeader, TestInfrastructure.GatewayKey);
        host.Http.DefaultRequestHeaders.Add(Caller.RoleHeader, "operator");
        return host;
    }

    public Task Heard(string tally, int count, CancellationToken cancellationToken) => Eventually.Is(
        async token => (await Get<StreamStore<Heard>>().Load($"tally-{tally}", token)).State.Numbers.Count >= count, $"{count} numbers of {tally} to be heard", cancellationToken);

    public Task<T?> Read<T>(string path, CancellationToken cancellationToken) => Http.GetFromJsonAsync<T>(path, Json.Options, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        app.Lifetime.StopApplication();
        await running;
        await app.DisposeAsync();
    }
}
