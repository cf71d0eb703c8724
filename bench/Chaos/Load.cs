using System.Collections.Concurrent;
using System.Globalization;

namespace Nightshift.Bench.Chaos;

/// <summary>
/// Keeps the system busy: container runs one after the other; a chain of noop tasks, one whose tasks share a pool and a
/// signed delivery each second; and bursts of chains on demand. Whatever is asked for is noted before it is asked for.
/// </summary>
sealed class Load(GatewayClient gateway)
{
    /// <summary>Container runs that are under way at any time.</summary>
    const int ContainerWorkers = 3;

    static readonly TimeSpan Pace = TimeSpan.FromSeconds(1),
        BetweenLooks = TimeSpan.FromMilliseconds(500);

    readonly ConcurrentDictionary<string, ExpectedRun> runs = [];
    readonly ConcurrentDictionary<Guid, bool> deliveries = [];
    int asked;

    /// <summary>Every run that was asked for, by hand or by a delivery.</summary>
    public IReadOnlyList<ExpectedRun> Runs => [.. runs.Values];

    /// <summary>Every delivery that was accepted.</summary>
    public IReadOnlyList<Guid> Deliveries => [.. deliveries.Where(x => x.Value).Select(x => x.Key)];

    /// <summary>Goes on until it is cancelled. What is under way then is still asked for to the end.</summary>
    /// <param name="stop">Begins nothing new.</param>
    /// <param name="cancellationToken">Ends all waits.</param>
    public Task Run(CancellationToken stop, CancellationToken cancellationToken) =>
        Task.WhenAll([
            .. Enumerable
                .Range(0, ContainerWorkers)
                .Select(_ => Repeat(x => Burst(ChaosDags.Containers, 1, x), stop, cancellationToken)),
            Repeat(x => Ask(ChaosDags.Chain, x), stop, cancellationToken),
            Repeat(x => Ask(ChaosDags.Pooled, x), stop, cancellationToken),
            Repeat(x => Deliver(Guid.NewGuid(), x), stop, cancellationToken),
        ]);

    /// <summary>Starts so many runs at once and waits for their ends.</summary>
    public async Task Burst(ChaosDag dag, int count, CancellationToken cancellationToken) =>
        await End(dag, await Begin(dag, count, cancellationToken), cancellationToken);

    /// <summary>Starts so many runs at once.</summary>
    /// <returns>Their ids, when all of them are accepted.</returns>
    public async Task<IReadOnlyList<string>> Begin(ChaosDag dag, int count, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Ask(dag, cancellationToken)));

    /// <summary>Waits for the ends of runs.</summary>
    public Task End(ChaosDag dag, IReadOnlyList<string> runIds, CancellationToken cancellationToken) =>
        Task.WhenAll(runIds.Select(x => End(dag, x, cancellationToken)));

    /// <summary>Delivers one push and notes the run it starts.</summary>
    public async Task Deliver(Guid guid, CancellationToken cancellationToken)
    {
        var run = Note(ChaosDags.Push, $"push__{ChaosDags.Push.Dag}__{guid:D}");
        deliveries[guid] = false;
        await gateway.Deliver(guid, cancellationToken);
        deliveries[guid] = true;
        runs[run.RunId] = run with { Accepted = true };
    }

    async Task End(ChaosDag dag, string runId, CancellationToken cancellationToken)
    {
        while (await gateway.State(dag.Dag, runId, cancellationToken) is not ("success" or "failed"))
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
    }

    async Task<string> Ask(ChaosDag dag, CancellationToken cancellationToken)
    {
        var key = Interlocked.Increment(ref asked).ToString(CultureInfo.InvariantCulture);
        var run = Note(dag, GatewayClient.RunId(dag.Dag, key));
        await gateway.Trigger(dag.Dag, key, cancellationToken);
        runs[run.RunId] = run with { Accepted = true };
        return run.RunId;
    }

    ExpectedRun Note(ChaosDag dag, string runId) =>
        runs[runId] = new ExpectedRun(runId, dag.Tasks, dag.TaskTime, Accepted: false);

    static async Task Repeat(
        Func<CancellationToken, Task> work,
        CancellationToken stop,
        CancellationToken cancellationToken
    )
    {
        using var pulse = new PeriodicTimer(Pace, TimeProvider.System);
        while (!stop.IsCancellationRequested && await pulse.WaitForNextTickAsync(cancellationToken))
            await work(cancellationToken);
    }
}
