using System.Collections.Concurrent;
using JasperFx;
using Marten;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using AttemptFinished = Nightshift.Contracts.AttemptFinished;

namespace Nightshift.Executor.Tests.Running;

/// <summary>The whole service in this process, and an ear on the bus.</summary>
public sealed class RunningExecutor : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, TaskCompletionSource<AttemptFinished>> endings = [];
    readonly Surroundings surroundings;
    readonly WebApplication app;

    RunningExecutor(Surroundings surroundings, WebApplication app) => (this.surroundings, this.app) = (surroundings, app);

    public IServiceProvider Services => app.Services;

    public IContainerEngine Engine => Services.GetRequiredService<IContainerEngine>();

    public static async Task<RunningExecutor> Start(Surroundings surroundings, params string[] settings)
    {
        var app = await ExecutorService.Build(surroundings.Settings(settings));
        var running = new RunningExecutor(surroundings, app);
        await app.Services.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        await app.StartAsync();
        await app.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint($"{surroundings.Queue}-heard-{Guid.NewGuid():N}", (_, x) =>
        {
            ((IRabbitMqReceiveEndpointConfigurator)x).AutoDelete = true;
            x.Handler<AttemptFinished>(m => Task.FromResult(running.Ending(m.Message.AttemptId).TrySetResult(m.Message)));
        }).Ready;
        return running;
    }

    public async Task Send(StartAttempt start)
    {
        var queue = await Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri($"queue:executor-{surroundings.Queue}"));
        await queue.Send(start, TestContext.Current.CancellationToken);
    }

    public Task<AttemptFinished> Finished(string attemptId) => Ending(attemptId).Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

    public async Task<AttemptFinished> Run(StartAttempt start)
    {
        await Send(start);
        return await Finished(start.AttemptId);
    }

    public async Task<IReadOnlyList<LogLine>> Log(string attemptId) =>
        await Services.GetRequiredService<LogReader>().Read(attemptId, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    public async Task<IReadOnlyList<string>> Text(string attemptId, string stream) => [.. (await Log(attemptId)).Where(x => x.Stream == stream).Select(x => x.Text)];

    public Task Accepted(string attemptId) => In(attemptId, AttemptPhase.Accepted);

    /// <summary>Waits until an attempt has come this far.</summary>
    public async Task In(string attemptId, AttemptPhase phase)
    {
        using var watch = Services.GetRequiredService<CommitSignals>().On($"attempt-{attemptId}");
        while ((await Services.GetRequiredService<StreamStore<Attempt>>().Load(attemptId, TestContext.Current.CancellationToken)).State.Phase < phase)
            await watch.Next(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until the engine has no such container.</summary>
    public async Task Gone(string container)
    {
        while (await Engine.Inspect(container, TestContext.Current.CancellationToken) is not null)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public HttpClient Client() => new()
    {
        BaseAddress = new Uri(app.Urls.First()),
        DefaultRequestHeaders = { { GatewayOnly.KeyHeader, "test-key" }, { Caller.RoleHeader, nameof(Role.Viewer) } },
    };

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    TaskCompletionSource<AttemptFinished> Ending(string attemptId) =>
        endings.GetOrAdd(attemptId, _ => new TaskCompletionSource<AttemptFinished>(TaskCreationOptions.RunContinuationsAsynchronously));
}
