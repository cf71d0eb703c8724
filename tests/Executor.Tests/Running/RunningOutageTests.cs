using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Watch;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningOutageTests : IAsyncLifetime
{
    TestInfrastructure infrastructure = null!;
    LeavingEngine engine = null!;
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        infrastructure = await TestInfrastructure.Prepare("outage", Cancelled);
        engine = new LeavingEngine();
        executor = await RunningExecutor.Start(
            infrastructure,
            x => x.AddSingleton<IContainerEngine>(engine),
            "--Executor:Slots=1"
        );
        await executor.Ready(HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync()
    {
        if (executor is not null)
            await executor.DisposeAsync();
        engine?.Dispose();
        infrastructure?.Dispose();
    }

    [Fact]
    public async Task Attempts_wait_for_an_engine_that_is_away_and_are_run_when_it_is_back()
    {
        var left = engine.LeaveAt(nameof(IContainerEngine.Create));
        var tasks = Enumerable.Range(0, 3).Select(i => Tasks.Shell($"echo {i}")).ToList();
        foreach (var task in tasks)
            await executor.Send(task);
        await left;
        foreach (var task in tasks)
            await executor.Accepted(task.AttemptId);
        await executor.Ready(HttpStatusCode.ServiceUnavailable);
        var status = await executor.Status();
        Assert.False(status.Ok);
        Assert.Matches("^Not ready: The engine (is|went) away$", status.State);

        engine.Return();
        foreach (var task in tasks)
            Assert.True((await executor.Finished(task.AttemptId)).Succeeded, task.AttemptId);
        for (var i = 0; i < tasks.Count; i++)
            Assert.Equal([$"{i}"], await executor.Text(tasks[i].AttemptId, "stdout"));
        Assert.Single(engine.Refused, nameof(IContainerEngine.Create)); // the others waited without asking
        await executor.Ready(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_image_is_not_missing_because_the_engine_that_fetches_it_is_away()
    {
        var left = engine.LeaveAt(nameof(IContainerEngine.Pull));
        var task = Tasks.Shell("true") with { Image = "127.0.0.1:1/no/such:1" };
        await executor.Send(task);
        await left;
        await executor.Ready(HttpStatusCode.ServiceUnavailable);
        engine.Return();
        var ending = await executor.Finished(task.AttemptId);
        Assert.Equal(Reasons.Image, ending.Reason);
        Assert.DoesNotContain("away", ending.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_engine_that_went_away_still_has_of_a_finished_attempt_is_removed_when_it_is_back()
    {
        var left = engine.LeaveAt(nameof(IContainerEngine.Remove));
        var task = Tasks.Shell("echo ran");
        await executor.Send(task);
        Assert.True((await executor.Finished(task.AttemptId)).Succeeded);
        await left;
        await executor.Ready(HttpStatusCode.ServiceUnavailable);
        engine.Return();
        await executor.Gone(ContainerName.Of(task.AttemptId, Installation.Default));
    }

    // Coming back, the engine is asked about every container that is watched.
    [Fact]
    public async Task A_watched_container_that_was_removed_is_asked_about_no_more()
    {
        var (gone, there) = ($"nightshift-test-{Guid.NewGuid():N}", $"nightshift-test-{Guid.NewGuid():N}");
        try
        {
            foreach (var name in new[] { gone, there })
            {
                await Watched(name);
                await Is(name, Condition.Healthy);
            }
            await engine.Remove(gone, Cancelled);
            await Is(gone, Condition.Absent);
            await Eventually.Is(
                async _ => // the engine tells its latest events again, for some seconds
                {
                    var before = engine.Inspected(gone);
                    await LookAgain(there);
                    await LookAgain(there);
                    return engine.Inspected(gone) == before;
                },
                "a container that is gone to be left alone",
                Cancelled
            );
        }
        finally
        {
            await engine.Remove(there, CancellationToken.None);
        }
    }

    async Task Watched(string name)
    {
        var made = await engine.Create(
            new()
            {
                Name = name,
                Image = Tasks.Image,
                Entrypoint = ["sleep", "600"],
                Labels = new Dictionary<string, string> { [HealLabel.Name] = "true" },
                HostConfig = new() { NetworkMode = "none", Init = true },
            },
            Cancelled
        );
        await engine.Start(Assert.IsType<Creation.Made>(made).Id, Cancelled);
    }

    Task Is(string name, Condition condition) =>
        Eventually.Is(
            async token =>
                (await executor.Get<StreamStore<WatchedContainer>>().Load(name, token)).State.Condition == condition,
            $"{name} to be {condition}",
            Cancelled
        );

    async Task LookAgain(string name)
    {
        var before = engine.Inspected(name);
        await engine.Leave();
        engine.Return();
        await Eventually.Is(
            _ => Task.FromResult(engine.Inspected(name) > before),
            $"{name} to be looked at",
            Cancelled
        );
    }
}
