using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningOutageTests : IAsyncLifetime
{
    Surroundings surroundings = null!;
    LeavingEngine engine = null!;
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        surroundings = await Surroundings.Prepare("outage", Cancelled);
        engine = new LeavingEngine();
        executor = await RunningExecutor.Start(surroundings, x => x.AddSingleton<IContainerEngine>(engine), "--Executor:Slots=1");
        await Ready(HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync()
    {
        if (executor is not null) await executor.DisposeAsync();
        engine?.Dispose();
        surroundings?.Dispose();
    }

    [Fact]
    public async Task Attempts_wait_for_an_engine_that_is_away_and_are_run_when_it_is_back()
    {
        var left = engine.LeaveAt(nameof(IContainerEngine.Create));
        var tasks = Enumerable.Range(0, 3).Select(i => Tasks.Shell($"echo {i}")).ToList();
        foreach (var task in tasks) await executor.Send(task);
        await left;
        foreach (var task in tasks) await executor.Accepted(task.AttemptId);
        await Ready(HttpStatusCode.ServiceUnavailable);

        engine.Return();
        foreach (var task in tasks) Assert.True((await executor.Finished(task.AttemptId)).Succeeded, task.AttemptId);
        for (var i = 0; i < tasks.Count; i++) Assert.Equal([$"{i}"], await executor.Text(tasks[i].AttemptId, "stdout"));
        Assert.Single(engine.Refused, nameof(IContainerEngine.Create)); // the others waited without asking
        await Ready(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_image_is_not_missing_because_the_engine_that_fetches_it_is_away()
    {
        var left = engine.LeaveAt(nameof(IContainerEngine.Pull));
        var task = Tasks.Shell("true") with { Image = "127.0.0.1:1/no/such:1" };
        await executor.Send(task);
        await left;
        await Ready(HttpStatusCode.ServiceUnavailable);
        engine.Return();
        var ending = await executor.Finished(task.AttemptId);
        Assert.Equal(Reasons.Image, ending.Reason);
        Assert.DoesNotContain("away", ending.Detail, StringComparison.Ordinal);
    }

    Task Ready(HttpStatusCode expected) => Eventually.Is(
        async token => (await executor.Http.GetAsync("/readyz", token)).StatusCode == expected, $"the executor to answer {expected}", Cancelled);
}
