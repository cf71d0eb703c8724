using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>One running executor for all tests of a class; started by the first that can have one.</summary>
public sealed class SharedExecutor : IAsyncDisposable
{
    readonly SemaphoreSlim turn = new(1, 1);

    public TestInfrastructure? TestInfrastructure { get; private set; }

    RunningExecutor? Executor { get; set; }

    internal async Task<RunningExecutor> Get()
    {
        await turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            TestInfrastructure ??= await TestInfrastructure.Prepare("executor", TestContext.Current.CancellationToken);
            return Executor ??= await RunningExecutor.Start(TestInfrastructure);
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Executor is not null)
            await Executor.DisposeAsync();
        TestInfrastructure?.Dispose();
        turn.Dispose();
    }
}
