using System.Collections.Concurrent;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Supervision;

/// <summary>All parts of one running system.</summary>
public sealed class Supervisor(Home home, TimeProvider clock, Action<string> say) : IDisposable
{
    readonly ConcurrentStack<Keeper> keepers = [];

    /// <summary>The parts that were started and were never ready yet.</summary>
    public IReadOnlyList<string> Awaited => [.. keepers.Where(k => !k.IsReady).Select(k => k.Name).Order()];

    /// <returns>Ends when the part is ready.</returns>
    /// <exception cref="ProblemException">The part cannot be made to run.</exception>
    public Task Start(Part part, CancellationToken cancellationToken)
    {
        var keeper = new Keeper(part, home, clock, say);
        keepers.Push(keeper);
        return keeper.Start().WaitAsync(cancellationToken);
    }

    /// <summary>Stops step by step; the parts of one step all at once.</summary>
    /// <param name="step">The step of a part, by its name; the lowest comes first.</param>
    public async Task Stop(Func<string, int> step)
    {
        foreach (var together in keepers.GroupBy(k => step(k.Name)).OrderBy(g => g.Key))
            await Task.WhenAll(together.Select(k => k.Stop()));
        Dispose(); // another start begins afresh
    }

    public void Dispose()
    {
        while (keepers.TryPop(out var keeper))
            keeper.Dispose();
    }
}
