using Docker.DotNet.Models;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Containers;

/// <summary>An attempt's container.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="StartedAt">When it was started (UTC); null when the engine could not start it.</param>
/// <param name="SeenRunning">True when it was at work just now.</param>
public sealed record Launched(string Id, DateTimeOffset? StartedAt, bool SeenRunning);

/// <summary>
/// Brings an attempt's one container about, or finds it. Repeating it never runs the task twice: the name is the key.
/// </summary>
public sealed class ContainerLauncher(
    IContainerEngine engine,
    EngineGate gate,
    ImagePuller images,
    Installation installation,
    TimeProvider clock
)
{
    /// <summary>Does all that may take long before the container is made.</summary>
    /// <exception cref="TaskCannotRunException">The image cannot be had.</exception>
    /// <exception cref="EngineRefusedException">The engine would not confine the container now.</exception>
    /// <exception cref="EngineException">The engine refuses, or stays away.</exception>
    public async Task<CreateContainerParameters> Prepare(
        AttemptKey key,
        AttemptSpec spec,
        FilledEnvironment environment,
        CancellationToken cancellationToken
    )
    {
        if (await engine.Volumes(spec.Image, cancellationToken) is not { } volumes)
        {
            await images.Pull(spec.Image, cancellationToken);
            volumes = await engine.Volumes(spec.Image, cancellationToken) ?? [];
        }
        var info = await gate.Confirm(cancellationToken);
        return SealedContainer.Of(key, spec, environment.Env, volumes, info, installation.Id);
    }

    /// <summary>Creates and starts the container of an attempt, or takes over the one that exists.</summary>
    /// <exception cref="TaskCannotRunException">The image cannot be had, or the engine will not confine the
    /// container.</exception>
    /// <exception cref="EngineException">The engine refuses, or stays away.</exception>
    public async Task<Launched> Launch(
        AttemptKey key,
        CreateContainerParameters parameters,
        CancellationToken cancellationToken
    ) =>
        await engine.Create(parameters, cancellationToken) switch
        {
            Creation.Made made => await Start(await Confined(made, cancellationToken), cancellationToken),
            Creation.NameTaken => await Find(key, cancellationToken)
                ?? throw new TaskCannotRunException(Reasons.Engine, "The container was removed by somebody else"),
            _ => throw new TaskCannotRunException(
                Reasons.Image,
                $"The image '{parameters.Image}' is not on this engine, although it just was"
            ),
        };

    /// <summary>
    /// Finds the container that an earlier executor made; null when there is none. One that was never started is
    /// started now; one that ended is not started again.
    /// </summary>
    /// <exception cref="TaskCannotRunException">It is somebody else's.</exception>
    public async Task<Launched?> Find(AttemptKey key, CancellationToken cancellationToken)
    {
        if (await engine.Inspect(ContainerName.Of(key.AttemptId, installation.Id), cancellationToken) is not { } facts)
            return null;
        if (
            facts.Labels.GetValueOrDefault(SealedContainer.AttemptLabel) != key.AttemptId
            || facts.Labels.GetValueOrDefault(SealedContainer.InstallationLabel) != installation.Id
        )
            throw new TaskCannotRunException(
                Reasons.Engine,
                $"A container named {facts.Name} exists that is not this attempt's; remove it"
            );
        return facts.State == "created" && facts.Error.Length == 0
            ? await Start(facts.Id, cancellationToken)
            : new(facts.Id, facts.StartedAt, facts.State == "running");
    }

    async Task<Launched> Start(string id, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Start(id, cancellationToken);
            return new(id, clock.GetUtcNow(), SeenRunning: true);
        }
        catch (EngineException e) when (!e.Unreachable && !cancellationToken.IsCancellationRequested)
        {
            // A command that cannot be started is the task's mistake and stands in the container's state; anything else
            // is the engine's.
            if (await engine.Inspect(id, cancellationToken) is { Error.Length: > 0 })
                return new(id, StartedAt: null, SeenRunning: false);
            throw;
        }
    }

    // The engine makes a container without a limit it cannot enforce, and merely says so.
    async Task<string> Confined(Creation.Made made, CancellationToken cancellationToken)
    {
        if (
            made.Warnings.FirstOrDefault(x =>
                x.Contains("discarded", StringComparison.OrdinalIgnoreCase)
                && !x.Contains("swap", StringComparison.OrdinalIgnoreCase)
            )
            is not { } warning
        )
            return made.Id;
        await engine.Remove(made.Id, cancellationToken);
        throw new TaskCannotRunException(Reasons.Engine, $"The engine will not confine the container: {warning}");
    }
}
