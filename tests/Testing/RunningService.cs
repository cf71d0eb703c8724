using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Testing;

/// <summary>A whole service in this process, and a client whose calls come as if through the gateway.</summary>
public sealed class RunningService : IAsyncDisposable
{
    readonly WebApplication app;
    readonly Task running;

    RunningService(WebApplication app, Task running, Role role)
    {
        (this.app, this.running) = (app, running);
        Http.BaseAddress = new Uri(app.Urls.Single());
        Http.DefaultRequestHeaders.Add(GatewayHeaders.Key, TestInfrastructure.GatewayKey);
        Http.DefaultRequestHeaders.Add(GatewayHeaders.Role, role.ToString());
    }

    /// <summary>Calls with the gateway's key and a role.</summary>
    public HttpClient Http { get; } =
        new(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan });

    /// <summary>A part of the service.</summary>
    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Starts it as its own program would.</summary>
    public static async Task<RunningService> Start(WebApplication app, Role role, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource();
        app.Lifetime.ApplicationStarted.Register(started.SetResult);
        var running = NightshiftService.Run(app);
        // a service that cannot start ends with the reason
        await await Task.WhenAny(started.Task, running).WaitAsync(cancellationToken);
        return new RunningService(app, running, role);
    }

    /// <summary>What the service answers at an address.</summary>
    public async Task<T> Read<T>(string path, CancellationToken cancellationToken) =>
        await Http.GetFromJsonAsync<T>(path, Json.Options, cancellationToken)
        ?? throw new InvalidDataException($"{path} answered null");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        app.Lifetime.StopApplication(); // one stop only: the one that waits for messages under way
        await running;
        await app.DisposeAsync();
    }
}
