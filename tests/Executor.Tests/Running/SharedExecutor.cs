namespace Nightshift.Executor.Tests.Running;

/// <summary>One running executor for all tests of a class; started by the first that can have one.</summary>
public sealed class SharedExecutor : IAsyncDisposable
{
    readonly SemaphoreSlim turn = new(1, 1);

    public Surroundings? Surroundings { get; private set; }

    public RunningExecutor? Executor { get; private set; }

    public async Task<RunningExecutor> Get()
    {
        await turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Surroundings ??= await Surroundings.Prepare();
            return Executor ??= await RunningExecutor.Start(Surroundings);
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Executor is not null) await Executor.DisposeAsync();
        if (Surroundings is not null) await Surroundings.DisposeAsync();
        turn.Dispose();
    }
}
