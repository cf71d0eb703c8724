using System.Net;
using Marten;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Contracts;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Auth;
using Nightshift.Plumbing.Status;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;
using AttemptFinished = Nightshift.Contracts.AttemptFinished;
using AttemptStarted = Nightshift.Executor.Attempts.AttemptStarted;
using Endings = System.Collections.Concurrent.ConcurrentDictionary<
    string,
    System.Threading.Tasks.TaskCompletionSource<Nightshift.Contracts.AttemptFinished>
>;

namespace Nightshift.Executor.Tests.Running;

/// <summary>
/// The whole service in this process on a real engine, with a queue of its own, and an ear on the bus.
/// </summary>
sealed class RunningExecutor : IAsyncDisposable
{
    readonly RunningService service;
    readonly IBusControl ear;
    readonly Endings endings;
    readonly string queue;

    RunningExecutor(RunningService service, IBusControl ear, Endings endings, string queue) =>
        (this.service, this.ear, this.endings, this.queue) = (service, ear, endings, queue);

    public static string Docker => TestInfrastructure.Require("NIGHTSHIFT_TEST_DOCKER");

    public IContainerEngine Engine => Get<IContainerEngine>();

    public HttpClient Http => service.Http;

    public RunningService Service => service;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => service.Get<T>();

    public static Task<RunningExecutor> Start(TestInfrastructure infrastructure, params string[] settings) =>
        Start(infrastructure, configure: null, settings);

    public static async Task<RunningExecutor> Start(
        TestInfrastructure infrastructure,
        Action<IServiceCollection>? configure,
        params string[] settings
    )
    {
        var queue = infrastructure.Postgres.Database!.Replace('_', '-'); // as much its own as the database
        var endings = new Endings();
        var ear = infrastructure.Bus(bus =>
            bus.ReceiveEndpoint(
                $"{queue}-heard-{Guid.NewGuid():N}",
                x =>
                {
                    x.AutoDelete = true;
                    x.Handler<AttemptFinished>(m =>
                        Task.FromResult(Ending(endings, m.Message.AttemptId).TrySetResult(m.Message))
                    );
                }
            )
        );
        await ear.StartAsync(Cancelled); // before the service, which may have something to tell at once
        var app = await ExecutorService.Build(
            infrastructure.Arguments([
                $"--Nightshift:Docker={Docker}",
                $"--Executor:Queues:0={queue}",
                "--Logging:LogLevel:Default=Warning",
                .. settings,
            ]),
            configure
        );
        return new RunningExecutor(await RunningService.Start(app, Role.Viewer, Cancelled), ear, endings, queue);
    }

    public Task<ServiceStatus> Status() => service.Read<ServiceStatus>("/internal/status", Cancelled);

    public async Task Send(StartAttempt start)
    {
        var endpoint = await Get<IBus>().GetSendEndpoint(new Uri($"queue:executor-{queue}"));
        await endpoint.Send(start with { Queue = queue }, Cancelled);
    }

    /// <summary>Asks for the end of an attempt.</summary>
    public async Task Stop(StartAttempt start)
    {
        var endpoint = await Get<IBus>().GetSendEndpoint(new Uri($"queue:executor-{queue}"));
        await endpoint.Send(
            new Contracts.StopAttempt(
                start.AttemptId,
                start.RunId,
                start.DagId,
                start.TaskId,
                start.Attempt,
                "The run's time was up"
            ),
            Cancelled
        );
    }

    public Task<AttemptFinished> Finished(string attemptId) =>
        Ending(endings, attemptId).Task.WaitAsync(Eventually.Deadline, Cancelled);

    /// <summary>Forgets that the end was heard, to hear it again.</summary>
    public void Forget(string attemptId) => endings.TryRemove(attemptId, out _);

    public async Task<AttemptFinished> Run(StartAttempt start, TimeSpan? patience = null)
    {
        await Send(start);
        return await Ending(endings, start.AttemptId).Task.WaitAsync(patience ?? Eventually.Deadline, Cancelled);
    }

    public async Task<IReadOnlyList<LogLine>> Log(string attemptId) =>
        await Get<LogReader>().Read(attemptId, Cancelled).ToListAsync(Cancelled);

    public async Task<IReadOnlyList<string>> Text(string attemptId, string stream) =>
        [.. (await Log(attemptId)).Where(x => x.Stream == stream).Select(x => x.Text)];

    /// <summary>How the attempt was started.</summary>
    public async Task<AttemptStarted> Started(string attemptId)
    {
        await using var session = Get<IDocumentStore>().LightweightSession();
        return (await session.Events.FetchStreamAsync($"attempt-{attemptId}", token: Cancelled))
            .Select(x => x.Data)
            .OfType<AttemptStarted>()
            .Single();
    }

    public Task Accepted(string attemptId) => In(attemptId, AttemptPhase.Accepted);

    /// <summary>What has happened to an attempt.</summary>
    public async Task<IReadOnlyList<AttemptEvent>> Events(string attemptId)
    {
        await using var session = Get<IDocumentStore>().QuerySession();
        return
        [
            .. (await session.Events.FetchStreamAsync($"attempt-{attemptId}", token: Cancelled))
                .Select(x => x.Data)
                .Cast<AttemptEvent>(),
        ];
    }

    /// <summary>Waits until an attempt has come this far.</summary>
    public async Task In(string attemptId, AttemptPhase phase)
    {
        using var watch = Get<CommitSignals>().On($"attempt-{attemptId}");
        while ((await Get<StreamStore<Attempt>>().Load(attemptId, Cancelled)).State.Phase < phase)
            await watch.Next(TimeSpan.FromSeconds(1), TimeProvider.System, Cancelled);
    }

    /// <summary>Waits for the answer to the question whether it is ready.</summary>
    public Task Ready(HttpStatusCode expected) =>
        Eventually.Is(
            async token => (await Http.GetAsync("/readyz", token)).StatusCode == expected,
            $"the executor to answer {expected}",
            Cancelled
        );

    /// <summary>Waits until the engine has no such container.</summary>
    public Task Gone(string container) =>
        Eventually.Is(
            async token => await Engine.Inspect(container, token) is null,
            $"{container} to be gone",
            Cancelled
        );

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await ear.StopAsync(CancellationToken.None);
    }

    static TaskCompletionSource<AttemptFinished> Ending(Endings endings, string attemptId) =>
        endings.GetOrAdd(
            attemptId,
            _ => new TaskCompletionSource<AttemptFinished>(TaskCreationOptions.RunContinuationsAsynchronously)
        );
}
