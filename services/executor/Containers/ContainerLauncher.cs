using System.Collections.Concurrent;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Plumbing.Installations;

namespace Nightshift.Executor.Containers;

/// <summary>An attempt's container.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="StartedAt">When it was started (UTC); null when the engine could not start it.</param>
/// <param name="SeenRunning">True when it was at work just now.</param>
/// <param name="ImageDigest">Names exactly the image it was made from; null when it was taken over.</param>
public sealed record Launched(string Id, DateTimeOffset? StartedAt, bool SeenRunning, string? ImageDigest = null);

/// <summary>All that a container is made of.</summary>
/// <param name="Key">Whose it is.</param>
/// <param name="Spec">What it is to do.</param>
/// <param name="Environment">With secrets filled in.</param>
/// <param name="Image">What the image says.</param>
/// <param name="Engine">What the engine enforces now.</param>
public sealed record PreparedContainer(
    AttemptKey Key,
    AttemptSpec Spec,
    FilledEnvironment Environment,
    ImageFacts Image,
    EngineInfo Engine
);

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
    readonly ConcurrentDictionary<string, bool> shells = []; // whether an image has one, by its digest

    /// <summary>Does all that may take long before the container is made.</summary>
    /// <exception cref="TaskCannotRunException">The image cannot be had.</exception>
    /// <exception cref="EngineRefusedException">The engine would not confine the container now.</exception>
    /// <exception cref="EngineException">The engine refuses, or stays away.</exception>
    public async Task<PreparedContainer> Prepare(
        AttemptKey key,
        AttemptSpec spec,
        FilledEnvironment environment,
        CancellationToken cancellationToken
    )
    {
        var image = await images.Require(spec.Image, cancellationToken);
        var known = image with { HasShell = shells.GetValueOrDefault(image.Digest, true) };
        return new(key, spec, environment, known, await gate.Confirm(cancellationToken));
    }

    /// <summary>Creates and starts the container of an attempt, or takes over the one that exists.</summary>
    /// <exception cref="TaskCannotRunException">The engine will not confine the container.</exception>
    /// <exception cref="EngineException">The engine refuses, or stays away.</exception>
    public async Task<Launched> Launch(PreparedContainer prepared, CancellationToken cancellationToken)
    {
        var (key, spec, environment, image, info) = prepared;
        var parameters = SealedContainer.Of(key, spec, environment.Env, image, info, installation.Id);
        return await engine.Create(parameters, cancellationToken) switch
        {
            Creation.Made made when await LacksShell(made, image, cancellationToken) => await Launch(
                prepared with
                {
                    Image = image with { HasShell = false },
                },
                cancellationToken
            ),
            Creation.Made made => await Start(await Confined(made, cancellationToken), cancellationToken) with
            {
                ImageDigest = image.Digest,
            },
            Creation.NameTaken => await Find(key, cancellationToken)
                ?? throw new TaskCannotRunException(Reasons.Engine, "The container was removed by somebody else"),
            _ => throw new TaskCannotRunException(
                Reasons.Image,
                $"The image '{spec.Image}' is not on this engine, although it just was"
            ),
        };
    }

    // Only a container can be looked into, so the first one of an image may have been made in vain.
    async Task<bool> LacksShell(Creation.Made made, ImageFacts image, CancellationToken cancellationToken)
    {
        if (shells.ContainsKey(image.Digest))
            return false;
        var has = await engine.HasFile(made.Id, OutputScript.Shell, cancellationToken);
        if (!has)
            await engine.Remove(made.Id, cancellationToken);
        shells[image.Digest] = has;
        return !has;
    }

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
