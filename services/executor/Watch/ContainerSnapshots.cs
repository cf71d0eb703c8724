using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Watch;

/// <summary>Inspects a watched container and records what has changed.</summary>
public sealed class ContainerSnapshots(
    IContainerEngine engine,
    StreamStore<WatchedContainer> containers,
    ContainerEventLog events,
    ILogger<ContainerSnapshots> log,
    TimeProvider clock
)
{
    /// <summary>The container, if it is there and may be touched.</summary>
    public async Task<ContainerFacts?> Find(string container, CancellationToken cancellationToken) =>
        await engine.Inspect(container, cancellationToken) is { } facts && HealLabel.IsWatched(facts.Labels)
            ? facts
            : null;

    /// <summary>Inspects it once.</summary>
    /// <returns>True when it is there.</returns>
    public async Task<bool> Record(string container, string engineId, CancellationToken cancellationToken)
    {
        var facts = await Find(container, cancellationToken);
        var snapshot = new ContainerSnapshot(
            container,
            engineId,
            facts,
            facts is null ? null : await StopRequested(facts, cancellationToken),
            clock.GetUtcNow()
        );
        var committed = await containers.Transact(container, x => WatchDecider.Decide(x, snapshot), cancellationToken);
        if (committed.Events.Count > 0)
            Log.ContainerChanged(log, container, committed.State.Condition, committed.State.Incarnation);
        if (facts is null)
            events.Forget(container);
        return facts is not null;
    }

    async Task<StopRequest?> StopRequested(ContainerFacts facts, CancellationToken cancellationToken)
    {
        if (facts.State is not ("exited" or "dead"))
            return null;
        await events.EndAnnounced(facts, cancellationToken);
        return StopRequest.Of(facts, events.Of(facts));
    }
}
