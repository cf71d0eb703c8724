using System.Threading.Channels;
using Docker.DotNet;
using Docker.DotNet.Models;
using MassTransit;
using Nightshift.Contracts;
using Nightshift.Executor.Watch;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningWatchTests(SharedExecutor shared) : IClassFixture<SharedExecutor>, IAsyncLifetime
{
    readonly string name = $"nightshift-test-{Guid.NewGuid():N}";
    readonly Channel<object> heard = Channel.CreateUnbounded<object>();
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        executor = await shared.Get();
        await executor
            .Get<IReceiveEndpointConnector>()
            .ConnectReceiveEndpoint(
                $"{name}-heard",
                (_, x) =>
                {
                    ((IRabbitMqReceiveEndpointConfigurator)x).AutoDelete = true;
                    x.Handler<ContainerFailed>(m => Hear(m.Message.Container, m.Message));
                    x.Handler<ContainerHealthy>(m => Hear(m.Message.Container, m.Message));
                    x.Handler<Contracts.ContainerStopped>(m => Hear(m.Message.Container, m.Message));
                    x.Handler<Contracts.ContainerRemoved>(m => Hear(m.Message.Container, m.Message));
                    x.Handler<ContainerRestartFailed>(m => Hear(m.Message.Container, m.Message));
                }
            )
            .Ready;
    }

    public async ValueTask DisposeAsync()
    {
        if (executor is not null)
            await executor.Engine.Remove(name, CancellationToken.None);
    }

    [Fact]
    public async Task A_container_that_ends_is_restarted_on_request_and_healthy_again()
    {
        await StartContainer("sleep 600");
        Assert.True(await Next<ContainerHealthy>() is { Incarnation: 1, HasHealthCheck: false });
        await Signal();
        var failed = await Next<ContainerFailed>();
        Assert.True(failed is { Incarnation: 1, Problem: "exited", ExitCode: > 0 }, failed.ToString());
        await Restart(failed.Engine, incarnation: 1);
        Assert.Equal(2, (await Next<ContainerHealthy>()).Incarnation);
    }

    [Fact]
    public async Task A_container_that_turns_unhealthy_is_told_and_a_repeated_request_restarts_it_once()
    {
        await StartContainer(
            "rm -f /tmp/ill /tmp/on; trap 'touch /tmp/ill' USR1; touch /tmp/on; while :; do sleep 600 & wait; done",
            healthCheck: "test -e /tmp/on && test ! -e /tmp/ill"
        );
        Assert.True(await Next<ContainerHealthy>() is { Incarnation: 1, HasHealthCheck: true });
        await Signal();
        var failed = await Next<ContainerFailed>();
        Assert.True(failed is { Incarnation: 1, Problem: "unhealthy", ExitCode: null }, failed.ToString());
        await Restart(failed.Engine, incarnation: 1);
        await Restart(failed.Engine, incarnation: 1);
        Assert.Equal(2, (await Next<ContainerHealthy>()).Incarnation);
        await Signal();
        Assert.Equal(2, (await Next<ContainerFailed>()).Incarnation);
    }

    [Fact]
    public async Task A_restart_of_a_container_that_is_gone_is_refused()
    {
        await StartContainer("sleep 600");
        await Next<ContainerHealthy>();
        await Signal();
        var failed = await Next<ContainerFailed>();
        await executor.Engine.Remove(name, Cancelled);
        Assert.Equal(1, (await Next<Contracts.ContainerRemoved>()).Incarnation);
        await Restart(failed.Engine, incarnation: 1); // known to be gone: nothing to do, nothing to tell
        await StartContainer("sleep 600", label: "false");
        await executor.Get<ContainerSnapshots>().Record(name, failed.Engine, Cancelled);
        await Restart(failed.Engine, incarnation: 1);
        var facts = await executor.Engine.Inspect(name, Cancelled);
        Assert.Equal("running", facts?.State);
        Assert.Equal(
            Condition.Absent,
            (await executor.Get<Plumbing.Streams.StreamStore<WatchedContainer>>().Load(name, Cancelled)).State.Condition
        );
    }

    [Fact]
    public async Task A_container_that_somebody_stops_has_not_failed_and_is_watched_when_it_is_started_again()
    {
        await StartContainer("sleep 600");
        await Next<ContainerHealthy>();
        await executor.Engine.Stop(name, TimeSpan.FromSeconds(5), Cancelled);
        var stopped = await Next<Contracts.ContainerStopped>();
        Assert.Equal(1, stopped.Incarnation);
        await Restart(stopped.Engine, incarnation: 1); // decided before it was stopped
        await executor.Engine.Start(name, Cancelled);
        Assert.Equal(2, (await Next<ContainerHealthy>()).Incarnation);
        await Signal("KILL");
        Assert.Equal(2, (await Next<Contracts.ContainerStopped>()).Incarnation);
        await executor.Engine.Remove(name, Cancelled);
        await Next<Contracts.ContainerRemoved>();
    }

    [Fact]
    public async Task One_that_is_to_run_always_has_failed_when_somebody_stops_it()
    {
        await StartContainer("sleep 600", label: "always");
        await Next<ContainerHealthy>();
        await executor.Engine.Stop(name, TimeSpan.FromSeconds(5), Cancelled);
        Assert.Equal("exited", (await Next<ContainerFailed>()).Problem);
    }

    [Fact]
    public async Task The_engine_still_knows_who_stopped_a_container_while_nobody_listened()
    {
        await StartContainer("sleep 600", label: "false"); // nobody listens to this one
        await executor.Engine.Stop(name, TimeSpan.FromSeconds(5), Cancelled);
        var facts = await executor.Engine.Inspect(name, Cancelled);
        var events = await executor.Engine.RecentEvents(HealLabel.Name, Cancelled);
        Assert.NotNull(StopRequest.Of(facts!, events.Where(x => x.Id == facts!.Id)));
    }

    [Fact]
    public async Task A_health_check_has_its_own_time()
    {
        await StartContainer("sleep 600", healthCheck: "true");
        Assert.Equal(
            TimeSpan.FromSeconds(60 + 1 + 30), // start period, and one try of interval and default timeout
            (await executor.Engine.Inspect(name, Cancelled))?.HealthCheckTime
        );
        await Next<ContainerHealthy>();
    }

    async Task StartContainer(string script, string? healthCheck = null, string label = "true")
    {
        var made = await executor.Engine.Create(
            new CreateContainerParameters
            {
                Name = name,
                Image = Tasks.Image,
                Entrypoint = ["sh", "-c", script],
                Labels = new Dictionary<string, string> { [HealLabel.Name] = label },
                Healthcheck = healthCheck is null
                    ? null
                    : new()
                    {
                        Test = ["CMD-SHELL", healthCheck],
                        Interval = TimeSpan.FromSeconds(1),
                        StartPeriod = TimeSpan.FromMinutes(1),
                        Retries = 1,
                    },
                HostConfig = new HostConfig { NetworkMode = "none", Init = true },
            },
            Cancelled
        );
        await executor.Engine.Start(Assert.IsType<Engines.Creation.Made>(made).Id, Cancelled);
    }

    // What the executor itself has no call for.
    async Task Signal(string signal = "USR1")
    {
        using var docker = new DockerClientBuilder().WithEndpoint(new Uri(RunningExecutor.Docker)).Build();
        await docker.Containers.KillContainerAsync(name, new() { Signal = signal }, Cancelled);
    }

    async Task Restart(string engine, int incarnation)
    {
        var queue = await executor.Get<IBus>().GetSendEndpoint(new Uri($"queue:{ExecutorQueue.OfEngine(engine)}"));
        await queue.Send(new RestartContainer("case-1", name, incarnation), Cancelled);
    }

    Task Hear(string container, object message) =>
        container == name ? heard.Writer.WriteAsync(message, Cancelled).AsTask() : Task.CompletedTask;

    async Task<T> Next<T>() =>
        Assert.IsType<T>(await heard.Reader.ReadAsync(Cancelled).AsTask().WaitAsync(Eventually.Deadline, Cancelled));
}
