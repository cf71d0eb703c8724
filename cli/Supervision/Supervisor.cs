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

    /// <summary>Services first, all at once, then what they stand on.</summary>
    /// <param name="isService">Tells the two groups apart by name.</param>
    public async Task Stop(Func<string, bool> isService)
    {
        await Task.WhenAll(keepers.Where(k => isService(k.Name)).Select(k => k.Stop()));
        await Task.WhenAll(keepers.Where(k => !isService(k.Name)).Select(k => k.Stop()));
    }

    public void Dispose()
    {
        foreach (var keeper in keepers)
            keeper.Dispose();
    }
}
