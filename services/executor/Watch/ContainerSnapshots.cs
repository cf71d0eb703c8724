using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Watch;

/// <summary>Looks at a watched container and records what has changed.</summary>
public sealed class ContainerSnapshots(
    IContainerEngine engine,
    StreamStore<WatchedContainer> containers,
    ILogger<ContainerSnapshots> log,
    TimeProvider clock
)
{
    /// <summary>Only containers with this label are watched, and only they are ever touched.</summary>
    public const string Label = "nightshift.heal";

    /// <summary>The label and the value it must have.</summary>
    public const string Filter = $"{Label}=true";

    /// <summary>The container, if it is there and may be touched.</summary>
    public async Task<ContainerFacts?> Find(string container, CancellationToken cancellationToken) =>
        await engine.Inspect(container, cancellationToken) is { } facts
        && facts.Labels.GetValueOrDefault(Label) == "true"
            ? facts
            : null;

    /// <summary>Looks once.</summary>
    /// <returns>True when it is there.</returns>
    public async Task<bool> Look(string container, string engineId, CancellationToken cancellationToken)
    {
        var look = new Look(container, engineId, await Find(container, cancellationToken), clock.GetUtcNow());
        var committed = await containers.Transact(container, x => WatchDecider.Decide(x, look), cancellationToken);
        if (committed.Events.Count > 0)
            Log.ContainerChanged(log, container, committed.State.Condition, committed.State.Incarnation);
        return look.Facts is not null;
    }
}
