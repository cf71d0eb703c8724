using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;
using AttemptFinished = Nightshift.Contracts.AttemptFinished;

namespace Nightshift.Executor.Tests.Running;

/// <summary>The whole service in this process on a real engine, with a queue of its own, and an ear on the bus.</summary>
sealed class RunningExecutor : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, TaskCompletionSource<AttemptFinished>> endings = [];
    readonly RunningService service;
    readonly string queue;

    RunningExecutor(RunningService service, string queue) => (this.service, this.queue) = (service, queue);

    public static string Docker => Surroundings.Require("NIGHTSHIFT_TEST_DOCKER");

    public IContainerEngine Engine => Get<IContainerEngine>();

    public HttpClient Http => service.Http;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public T Get<T>() where T : notnull => service.Get<T>();

    public static Task<RunningExecutor> Start(Surroundings surroundings, params string[] settings) => Start(surroundings, configure: null, settings);

    public static async Task<RunningExecutor> Start(Surroundings surroundings, Action<IServiceCollection>? configure, params string[] settings)
    {
        var queue = surroundings.Postgres.Database!.Replace('_', '-'); // as much its own as the database
        var app = await ExecutorService.Build(surroundings.Arguments([$"--Nightshift:Docker={Docker}", $"--Executor:Queues:0={queue}", "--Logging:LogLevel:Default=Warning", .. settings]), configure);
        var running = new RunningExecutor(await RunningService.Start(app, Role.Viewer, Cancelled), queue);
        await running.Get<IReceiveEndpointConnector>().ConnectReceiveEndpoint($"{queue}-heard-{Guid.NewGuid():N}", (_, x) =>
        {
            ((IRabbitMqReceiveEndpointConfigurator)x).AutoDelete = true;
            x.Handler<AttemptFinished>(m => Task.FromResult(running.Ending(m.Message.AttemptId).TrySetResult(m.Message)));
        }).Ready;
        return running;
    }

    public async Task Send(StartAttempt start)
    {
        var endpoint = await Get<IBus>().GetSendEndpoint(new Uri($"queue:executor-{queue}"));
        await endpoint.Send(start, Cancelled);
    }

    public Task<AttemptFinished> Finished(string attemptId) => Ending(attemptId).Task.WaitAsync(Eventually.Deadline, Cancelled);

    public async Task<AttemptFinished> Run(StartAttempt start)
    {
        await Send(start);
        return await Finished(start.AttemptId);
    }

    public async Task<IReadOnlyList<LogLine>> Log(string attemptId) => await Get<LogReader>().Read(attemptId, Cancelled).ToListAsync(Cancelled);

    public async Task<IReadOnlyList<string>> Text(string attemptId, string stream) => [.. (await Log(attemptId)).Where(x => x.Stream == stream).Select(x => x.Text)];

    public Task Accepted(string attemptId) => In(attemptId, AttemptPhase.Accepted);

    /// <summary>Waits until an attempt has come this far.</summary>
    public async Task In(string attemptId, AttemptPhase phase)
    {
        using var watch = Get<CommitSignals>().On($"attempt-{attemptId}");
        while ((await Get<StreamStore<Attempt>>().Load(attemptId, Cancelled)).State.Phase < phase)
            await watch.Next(TimeSpan.FromSeconds(1), TimeProvider.System, Cancelled);
    }

    /// <summary>Waits until the engine has no such container.</summary>
    public Task Gone(string container) => Eventually.Is(async token => await Engine.Inspect(container, token) is null, $"{container} to be gone", Cancelled);

    public ValueTask DisposeAsync() => service.DisposeAsync();

    TaskCompletionSource<AttemptFinished> Ending(string attemptId) =>
        endings.GetOrAdd(attemptId, _ => new TaskCompletionSource<AttemptFinished>(TaskCreationOptions.RunContinuationsAsynchronously));
}
