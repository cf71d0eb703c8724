using System.Collections.Concurrent;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Containers;

/// <summary>An attempt's container.</summary>
/// <param name="Id">The engine's id.</param>
/// <param name="StartedAt">When it was started (UTC); null when the engine could not start it.</param>
/// <param name="ImageDigest">Names exactly the image it was made from; empty when it was taken over.</param>
public sealed record Launched(string Id, DateTimeOffset? StartedAt, string ImageDigest = "");

/// <summary>
/// Brings an attempt's one container about, or finds it. Repeating it never runs the task twice: the name is the key.
/// </summary>
public sealed class ContainerLauncher(IContainerEngine engine, EngineGate gate, ImagePuller images, TimeProvider clock)
{
    readonly ConcurrentDictionary<string, bool> shells = []; // whether an image has one, by its digest

    /// <summary>Creates and starts the container of an attempt, or takes over the one that exists.</summary>
    /// <exception cref="TaskCannotRunException">The image cannot be had, or the engine will not confine the
    /// container.</exception>
    /// <exception cref="EngineException">The engine refuses, or stays away.</exception>
    public async Task<Launched> Launch(
        AttemptKey key,
        AttemptSpec spec,
        FilledEnvironment environment,
        CancellationToken cancellationToken
    )
    {
        var image = await images.Require(spec.Image, cancellationToken);
        var launched = await Launch(
            key,
            spec,
            environment,
            image with
            {
                HasShell = shells.GetValueOrDefault(image.Digest, true),
            },
            cancellationToken
        );
        return launched with { ImageDigest = image.Digest };
    }

    async Task<Launched> Launch(
        AttemptKey key,
        AttemptSpec spec,
        FilledEnvironment environment,
        ImageFacts image,
        CancellationToken cancellationToken
    )
    {
        var sealedContainer = SealedContainer.Of(key, spec, environment.Env, image, await gate.Open(cancellationToken));
        return await engine.Create(sealedContainer, cancellationToken) switch
        {
            Creation.Made made when await Lacks(made, image, cancellationToken) => await Launch(
                key,
                spec,
                environment,
                image with
                {
                    HasShell = false,
                },
                cancellationToken
            ),
            Creation.Made made => await Start(await Confined(made, cancellationToken), cancellationToken),
            Creation.NameTaken => await Adopt(key, cancellationToken),
            _ => throw new TaskCannotRunException(
                Reasons.Image,
                $"The image '{spec.Image}' is not on this engine, although it just was"
            ),
        };
    }

    // Only a container can be looked into, so the first one of an image may have been made in vain.
    async Task<bool> Lacks(Creation.Made made, ImageFacts image, CancellationToken cancellationToken)
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
    /// Takes over a container that an earlier executor made. One that was never started is started now; one that ended
    /// is not started again.
    /// </summary>
    /// <exception cref="TaskCannotRunException">It is gone, or somebody else's.</exception>
    public async Task<Launched> Adopt(AttemptKey key, CancellationToken cancellationToken)
    {
        var facts =
            await engine.Inspect(ContainerName.Of(key.AttemptId), cancellationToken)
            ?? throw new TaskCannotRunException(
                Reasons.Engine,
                "The container was removed by somebody else while no executor watched it"
            );
        if (facts.Labels.GetValueOrDefault(SealedContainer.AttemptLabel) != key.AttemptId)
            throw new TaskCannotRunException(
                Reasons.Engine,
                $"A container named {facts.Name} exists that is not this attempt's; remove it"
            );
        return facts.State == "created" && facts.Error.Length == 0
            ? await Start(facts.Id, cancellationToken)
            : new(facts.Id, facts.StartedAt);
    }

    async Task<Launched> Start(string id, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Start(id, cancellationToken);
            return new(id, clock.GetUtcNow());
        }
        catch (EngineException e) when (!e.Unreachable && !cancellationToken.IsCancellationRequested)
        {
            // A command that cannot be started is the task's mistake and stands in the container's state; anything else
            // is the engine's.
            if (await engine.Inspect(id, cancellationToken) is { Error.Length: > 0 })
                return new(id, StartedAt: null);
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
