using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Running;

/// <summary>One running executor for all tests of a class; started by the first that can have one.</summary>
public sealed class SharedExecutor : IAsyncDisposable
{
    readonly SemaphoreSlim turn = new(1, 1);

    public Surroundings? Surroundings { get; private set; }

    RunningExecutor? Executor { get; set; }

    internal async Task<RunningExecutor> Get()
    {
        await turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Surroundings ??= await Surroundings.Prepare("executor", TestContext.Current.CancellationToken);
            return Executor ??= await RunningExecutor.Start(Surroundings);
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
        Surroundings?.Dispose();
        turn.Dispose();
    }
}
