using System.Net;
using Nightshift.Executor.Attempts;
using Nightshift.Plumbing.Retention;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Tests.Running;

[Collection("engine")]
public sealed class RunningRetentionTests(SharedExecutor shared) : IClassFixture<SharedExecutor>, IAsyncLifetime
{
    RunningExecutor executor = null!;

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => executor = await shared.Get();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_old_attempt_loses_its_log_with_the_week_it_was_written_in_and_goes_later()
    {
        var task = Tasks.Shell("echo one");
        await executor.Run(task);
        var kinds = executor.Get<RetentionSweep>().Kinds.ToDictionary(x => x.Name);
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);
        Assert.Equal(1, await kinds["attempts"].CountExpired(tomorrow, Cancelled));

        Assert.NotEmpty(await executor.Log(task.AttemptId));
        Assert.Equal(0, await kinds["logs"].RemoveExpired(tomorrow.AddDays(-2), Cancelled)); // its week is not over
        Assert.NotEmpty(await executor.Log(task.AttemptId));
        Assert.NotEqual(0, await kinds["logs"].RemoveExpired(tomorrow.AddDays(7), Cancelled));
        Assert.Empty(await executor.Log(task.AttemptId));

        Assert.Equal(1, await kinds["attempts"].RemoveExpired(tomorrow, Cancelled));
        var (attempt, version) = await executor.Get<StreamStore<Attempt>>().Load(task.AttemptId, Cancelled);
        Assert.Equal((AttemptPhase.None, 0), (attempt.Phase, version));
        Assert.Equal(0, await kinds["containers"].CountExpired(tomorrow, Cancelled));
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await executor.Http.PostAsync("/api/v2/retention/executor/run", null, Cancelled)).StatusCode
        );
    }

    [Fact]
    public async Task An_attempt_that_goes_before_its_log_is_old_takes_it_along()
    {
        var task = Tasks.Shell("echo one");
        await executor.Run(task);
        Assert.NotEmpty(await executor.Log(task.AttemptId));
        var kinds = executor.Get<RetentionSweep>().Kinds.ToDictionary(x => x.Name);
        await kinds["attempts"].RemoveExpired(TimeProvider.System.GetUtcNow().AddDays(1), Cancelled);
        Assert.Empty(await executor.Log(task.AttemptId));
    }
}
