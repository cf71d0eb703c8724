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

    /// <summary>Ends a running part so that it starts anew; the end counts for nothing.</summary>
    public void Restart(string part) => keepers.FirstOrDefault(k => k.Name == part)?.Restart();

    /// <summary>Stops group after group, the parts of one group at once.</summary>
    /// <param name="order">The group of a part by its name; the lowest is stopped first.</param>
    public async Task Stop(Func<string, int> order)
    {
        foreach (var group in keepers.GroupBy(k => order(k.Name)).OrderBy(x => x.Key))
            await Task.WhenAll(group.Select(k => k.Stop()));
    }

    public void Dispose()
    {
        foreach (var keeper in keepers)
            keeper.Dispose();
    }
}
