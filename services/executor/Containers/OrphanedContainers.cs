using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Containers;

/// <summary>
/// Removes containers whose attempt is over: their executor died, or the engine went away, between recording the end
/// and removing them.
/// </summary>
public sealed class OrphanedContainers(
    IContainerEngine engine,
    StreamStore<Attempt> attempts,
    Installation installation,
    ILogger<OrphanedContainers> log
)
{
    /// <summary>
    /// Looks once. Containers of other installations on the same engine, and of attempts this one does not know, stay.
    /// </summary>
    public async Task Remove(CancellationToken cancellationToken)
    {
        try
        {
            var ours = $"{SealedContainer.InstallationLabel}={installation.Id}";
            foreach (var name in await engine.List(ours, cancellationToken))
                if (
                    await engine.Inspect(name, cancellationToken) is { } facts
                    && facts.Labels.TryGetValue(SealedContainer.AttemptLabel, out var attemptId)
                    && (await attempts.Load(attemptId, cancellationToken)).State.Phase == AttemptPhase.Finished
                )
                {
                    Log.LeftoverRemoved(log, name);
                    await engine.Remove(name, cancellationToken);
                }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested) // the next look tries again
        {
            Log.LeftoversStay(log, e);
        }
    }
}
