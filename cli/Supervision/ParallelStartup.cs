namespace Nightshift.Cli.Supervision;

/// <summary>Steps that run side by side and fail as one.</summary>
public static class ParallelStartup
{
    /// <summary>
    /// Waits for all. When one fails the others are cancelled, and only then is its failure thrown: nothing goes on
    /// unwatched.
    /// </summary>
    public static async Task Run(IEnumerable<Func<CancellationToken, Task>> steps, CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] tasks = [.. steps.Select(step => step(all.Token))];
        await foreach (var task in Task.WhenEach(tasks))
            if (!task.IsCompletedSuccessfully)
                await all.CancelAsync();
        await Task.WhenAll(tasks);
    }
}
