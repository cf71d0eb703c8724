using Nightshift.Executor.Attempts;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>What a task printed while its engine was dead went nowhere: its end is then no success.</summary>
[Collection("engine")]
public sealed class RunningEngineDeathTests : IAsyncLifetime
{
    TestInfrastructure infrastructure = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => infrastructure = await TestInfrastructure.Prepare("death", Cancelled);

    public ValueTask DisposeAsync()
    {
        infrastructure?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_that_ends_while_its_engine_is_dead_has_not_succeeded(bool executorWatches)
    {
        await using var engine = await OwnEngine.Start(Cancelled);
        var task = Tasks.Shell("echo began; sleep 2; echo '::output x=1'");
        var executor = await Start(engine);
        try
        {
            await executor.Send(task);
            await executor.In(task.AttemptId, AttemptPhase.Running);
            await Eventually.Is(
                async _ => (await executor.Text(task.AttemptId, "stdout")).Count > 0,
                "the task to print",
                Cancelled
            );
            if (!executorWatches)
                await executor.DisposeAsync();
            await engine.Kill(Cancelled);
            // nobody is there to signal its end
            await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, Cancelled);
            await engine.Up(Cancelled);
            if (!executorWatches)
                executor = await Start(engine);
            var ending = await executor.Finished(task.AttemptId);
            // On a slow machine it may have ended, with all it printed, before the engine was dead.
            Assert.True(
                ending
                    is { Reason: Reasons.Engine, Infrastructure: true, Succeeded: false }
                        or { Succeeded: true, Outputs: { Count: 1 } },
                $"{ending} {ending.Outputs.Count} outputs"
            );
            Assert.True((await executor.Run(Tasks.Shell("echo again"))).Succeeded);
        }
        finally
        {
            await executor.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_killed_containerd_is_no_fault_of_the_task()
    {
        await using var engine = await OwnEngine.Start(Cancelled);
        await using var executor = await Start(engine);
        var task = Tasks.Shell("echo began; sleep 2; echo '::output x=1'");
        await executor.Send(task);
        await executor.In(task.AttemptId, AttemptPhase.Running);
        engine.KillContainerd();
        var ending = await executor.Finished(task.AttemptId);
        Assert.True(ending.Infrastructure || ending is { Succeeded: true, Outputs: { Count: 1 } }, ending.ToString());
        var next = await executor.Run(Tasks.Shell("echo again"));
        Assert.True(next.Succeeded || next.Infrastructure, next.ToString());
    }

    Task<RunningExecutor> Start(OwnEngine engine) =>
        RunningExecutor.Start(infrastructure, $"--Nightshift:Docker={engine.Endpoint}");
}
