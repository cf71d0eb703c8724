using FsCheck;
using FsCheck.Fluent;
using Nightshift.Plumbing.Relay;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>A log of events with several writers: a model of it, or the real one.</summary>
interface IWriters
{
    /// <summary>The writer takes the next number, beginning a transaction when it has none.</summary>
    Task Take(int writer);

    /// <summary>Ends its transaction; nothing when it has none.</summary>
    /// <returns>The numbers that are now in the log.</returns>
    Task<IReadOnlyList<long>> Commit(int writer);

    /// <summary>Rolls its transaction back.</summary>
    Task Abort(int writer);

    /// <summary>Ends its session from outside.</summary>
    Task Kill(int writer);
}

/// <summary>What a pass of the relay reads, one statement after the other.</summary>
interface IPass
{
    /// <summary>The next statement of a pass.</summary>
    /// <returns>True when the pass is complete and was observed.</returns>
    Task<bool> Step(RelayProgress progress);

    /// <summary>Forgets a pass that was begun.</summary>
    void Restart();
}

/// <summary>What is done, one number per action.</summary>
public sealed record Interleaving(int[] Choices)
{
    /// <summary>Long enough for several gaps; shrinks to fewer actions.</summary>
    public static Arbitrary<Interleaving> Any() =>
        Arb.From(
            Gen.Choose(0, int.MaxValue - 1).ArrayOf(150).Select(x => new Interleaving(x)),
            x => ArbMap.Default.ArbFor<int[]>().Shrinker(x.Choices).Select(y => new Interleaving(y))
        );
}

/// <summary>
/// Any interleaving of what writers and the relay do. Checks on the way that the position never passes an event that
/// appears later, and at the end that every committed event was published and nothing is waited for.
/// </summary>
sealed class RelayScenario(IWriters writers, IPass pass)
{
    const int Writers = 3;
    const int Actions = 24;
    const int StepsPerPass = 3;

    readonly HashSet<long> committed = [];
    readonly HashSet<long> published = [];
    RelayProgress progress = new(position: 0);
    long saved;

    /// <summary>Does one thing per number.</summary>
    public async Task Play(IEnumerable<int> choices)
    {
        foreach (var choice in choices)
            await Do(choice % Actions, choice / Actions % Writers);
        for (var writer = 0; writer < Writers; writer++)
            await Commit(writer);
        pass.Restart();
        for (var step = 0; step < StepsPerPass * (committed.Count + 3); step++)
            await Relay();
        Assert.Equal(committed.Order(), published.Order());
        Assert.Empty(progress.Gaps);
        Assert.True(progress.Position >= committed.DefaultIfEmpty().Max());
    }

    Task Do(int what, int writer) =>
        what switch
        {
            < 6 => writers.Take(writer),
            < 10 => Commit(writer),
            10 => writers.Abort(writer),
            11 => writers.Kill(writer),
            12 => RestartRelay(),
            _ => Relay(),
        };

    async Task Commit(int writer)
    {
        foreach (var sequence in await writers.Commit(writer))
        {
            committed.Add(sequence);
            Assert.True(sequence > progress.Position && sequence > saved, $"{sequence} came below the position");
        }
    }

    async Task Relay()
    {
        if (!await pass.Step(progress))
            return;
        foreach (var sequence in progress.Unpublished.ToArray())
        {
            published.Add(sequence);
            progress.Settle(sequence);
        }
        saved = Math.Max(saved, progress.Position);
    }

    Task RestartRelay()
    {
        progress = new(saved);
        pass.Restart();
        return Task.CompletedTask;
    }
}
