using Microsoft.Extensions.DependencyInjection;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Containers;
using Nightshift.Executor.Logs;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningTakeoverTests : IAsyncLifetime
{
    const string SlowTask = "i=0; while [ $i -lt 50 ]; do echo line $i; sleep 0.1; i=$((i+1)); done; echo '::output done=yes'";

    Surroundings surroundings = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => surroundings = await Surroundings.Prepare();

    public ValueTask DisposeAsync() => surroundings?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task An_attempt_outlives_its_executor_and_the_next_one_takes_it_over()
    {
        var task = Tasks.Shell(SlowTask);
        await using (var first = await RunningExecutor.Start(surroundings))
        {
            await first.Send(task);
            await foreach (var line in first.Services.GetRequiredService<LogReader>().Follow(task.AttemptId, Cancelled))
                if (line.Text == "line 3") break;
        }
        await using var second = await RunningExecutor.Start(surroundings);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending.Succeeded, ending.ToString());
        Assert.Equal("yes", ending.Outputs["done"]);
        Assert.Equal([.. Enumerable.Range(0, 50).Select(i => $"line {i}"), "::output done=yes"], await second.Text(task.AttemptId, "stdout"));
    }

    [Fact]
    public async Task One_that_ended_while_nobody_watched_is_settled_from_what_it_left()
    {
        var task = Tasks.Shell("echo before; sleep 1; echo after; exit 5");
        await using (var first = await RunningExecutor.Start(surroundings))
        {
            await first.Send(task);
            await foreach (var line in first.Services.GetRequiredService<LogReader>().Follow(task.AttemptId, Cancelled)) break;
        }
        using (var engine = Engines.EngineSetup.Connect(Surroundings.Require("NIGHTSHIFT_TEST_DOCKER"), TimeProvider.System))
            await engine.WaitForExit(ContainerName.Of(task.AttemptId), Cancelled);
        await using var second = await RunningExecutor.Start(surroundings);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending is { Reason: Reasons.Exit, ExitCode: 5 }, ending.ToString());
        Assert.Equal(["before", "after"], await second.Text(task.AttemptId, "stdout"));
        await second.Gone(ContainerName.Of(task.AttemptId));
    }

    [Fact]
    public async Task One_that_was_accepted_and_never_begun_is_run()
    {
        var (inTheWay, task) = (Tasks.Shell("sleep 3"), Tasks.Shell("echo ran"));
        await using (var first = await RunningExecutor.Start(surroundings, "--Executor:Slots=1"))
        {
            await first.Send(inTheWay);
            await first.Send(task);
            await first.Accepted(task.AttemptId);
        }
        await using var second = await RunningExecutor.Start(surroundings);
        Assert.True((await second.Finished(task.AttemptId)).Succeeded);
        Assert.Equal(["ran"], await second.Text(task.AttemptId, "stdout"));
        await second.Finished(inTheWay.AttemptId);
    }

    [Fact]
    public async Task One_whose_container_somebody_removed_meanwhile_is_not_run_again()
    {
        var task = Tasks.Shell("echo began; sleep 60");
        await using (var first = await RunningExecutor.Start(surroundings))
        {
            await first.Send(task);
            await foreach (var line in first.Services.GetRequiredService<LogReader>().Follow(task.AttemptId, Cancelled)) break;
            await first.In(task.AttemptId, AttemptPhase.Running);
        }
        using (var engine = Engines.EngineSetup.Connect(Surroundings.Require("NIGHTSHIFT_TEST_DOCKER"), TimeProvider.System))
            await engine.Remove(ContainerName.Of(task.AttemptId), Cancelled);
        await using var second = await RunningExecutor.Start(surroundings);
        var ending = await second.Finished(task.AttemptId);
        Assert.True(ending is { Reason: Reasons.Engine, ExitCode: null }, ending.ToString());
        Assert.Equal(["began"], await second.Text(task.AttemptId, "stdout"));
    }

    [Fact]
    public async Task Two_executors_of_one_engine_run_each_attempt_once()
    {
        await using var one = await RunningExecutor.Start(surroundings);
        await using var two = await RunningExecutor.Start(surroundings);
        var tasks = Enumerable.Range(0, 12).Select(i => Tasks.Shell($"echo {i}; sleep 0.5")).ToList();
        await Task.WhenAll(tasks.Select(one.Send));
        await Task.WhenAll(tasks.Select(x => one.Finished(x.AttemptId)));
        for (var i = 0; i < tasks.Count; i++) Assert.Equal([$"{i}"], await two.Text(tasks[i].AttemptId, "stdout"));
        var open = one.Services.GetRequiredService<OpenAttempts>();
        Assert.Empty(await open.Of((await one.Engine.Info(Cancelled)).EngineId, Cancelled));
        foreach (var task in tasks)
            Assert.Equal(3, (await one.Services.GetRequiredService<StreamStore<Attempt>>().Load(task.AttemptId, Cancelled)).Version);
    }
}
