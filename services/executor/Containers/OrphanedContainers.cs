using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Containers;

/// <summary>
/// Removes containers that belong to no attempt of this engine any more: their attempt is over, or was taken from this
/// engine, while their executor was dead or the engine away.
/// </summary>
public sealed class OrphanedContainers(
    IContainerEngine engine,
    AttemptStore attempts,
    Installation installation,
    ILogger<OrphanedContainers> log
)
{
    /// <summary>
    /// Looks once. Containers of other installations on the same engine, and of attempts this one does not know, stay.
    /// </summary>
    public async Task Remove(string engineId, CancellationToken cancellationToken)
    {
        try
        {
            var ours = $"{SealedContainer.InstallationLabel}={installation.Id}";
            foreach (var name in await engine.List(ours, cancellationToken))
                if (
                    await engine.Inspect(name, cancellationToken) is { } facts
                    && facts.Labels.TryGetValue(SealedContainer.AttemptLabel, out var attemptId)
                    && await attempts.Load(attemptId, cancellationToken) is { Key: not null } attempt
                    && !attempt.BelongsTo(engineId)
                )
                {
                    Log.OrphanRemoved(log, name);
                    await engine.Remove(name, cancellationToken);
                }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested) // the next look tries again
        {
            Log.OrphansStay(log, e);
        }
    }
}
