namespace Nightshift.Executor.Tests.Running;

public sealed class RunningAttemptsTests : IAsyncLifetime
{
    Surroundings surroundings = null!;
    RunningExecutor executor = null!;

    public async ValueTask InitializeAsync()
    {
        surroundings = await Surroundings.Prepare();
        executor = await RunningExecutor.Start(surroundings);
    }

    public async ValueTask DisposeAsync()
    {
        if (executor is not null) await executor.DisposeAsync();
        if (surroundings is not null) await surroundings.DisposeAsync();
    }

    [Fact]
    public async Task A_noop_succeeds_without_a_container()
    {
        var ending = await executor.Run(Tasks.Noop());
        Assert.True(ending is { Succeeded: true, Reason: "completed", ExitCode: null });
    }

    [Fact]
    public async Task A_task_runs_in_its_container_and_hands_values_on()
    {
        var task = Tasks.Shell("echo one; echo two >&2; echo \"::output rows=$((40+2))\"; echo '::output list=[1,2]'");
        var ending = await executor.Run(task);
        Assert.True(ending is { Succeeded: true, Reason: "completed", ExitCode: 0 }, ending.ToString());
        Assert.Equal("42", ending.Outputs["rows"]);
        Assert.Equal("[1,2]", ending.Outputs["list"]);
        Assert.Equal(["one", "::output rows=42", "::output list=[1,2]"], (await executor.Log(task.AttemptId)).Where(x => x.Stream == "stdout").Select(x => x.Text));
        Assert.Equal(["two"], (await executor.Log(task.AttemptId)).Where(x => x.Stream == "stderr").Select(x => x.Text));
    }
}
