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
    public async Task An_old_attempt_loses_its_log_first_and_goes_later()
    {
        var task = Tasks.Shell("echo one");
        await executor.Run(task);
        var kinds = executor.Get<RetentionSweep>().Kinds.ToDictionary(x => x.Name);
        var tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);
        Assert.Equal(1, await kinds["attempts"].CountExpired(tomorrow, Cancelled));

        Assert.NotEmpty(await executor.Log(task.AttemptId));
        Assert.Equal(1, await kinds["logs"].RemoveExpired(tomorrow, Cancelled));
        Assert.Empty(await executor.Log(task.AttemptId));
        Assert.Equal(0, await kinds["logs"].CountExpired(tomorrow, Cancelled));

        Assert.Equal(1, await kinds["attempts"].RemoveExpired(tomorrow, Cancelled));
        var (attempt, version) = await executor.Get<StreamStore<Attempt>>().Load(task.AttemptId, Cancelled);
        Assert.Equal((AttemptPhase.None, 0), (attempt.Phase, version));
        Assert.Equal(0, await kinds["containers"].CountExpired(tomorrow, Cancelled));
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await executor.Http.PostAsync("/api/v2/retention/executor/run", null, Cancelled)).StatusCode
        );
    }
}
