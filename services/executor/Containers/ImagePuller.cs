using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Containers;

/// <summary>Fetches a missing image once, however many attempts ask for it at the same time.</summary>
public sealed class ImagePuller(
    IContainerEngine engine,
    IOptions<ExecutorOptions> options,
    ILogger<ImagePuller> log,
    TimeProvider clock
)
{
    /// <summary>What the name of an image begins with that is built on its engine. No registry answers there.</summary>
    public const string Built = "localhost/";

    /// <summary>Longest a fetch may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<string, Lazy<Task>> pulls = [];

    /// <summary>What an image says; fetches it when the engine does not have it.</summary>
    /// <exception cref="TaskCannotRunException">It cannot be had, or may not be used.</exception>
    /// <exception cref="EngineException">The engine stays away.</exception>
    public async Task<ImageFacts> Require(string image, CancellationToken cancellationToken)
    {
        var built = image.StartsWith(Built, StringComparison.Ordinal);
        if (options.Value.RequireDigest && !built && !image.Contains("@sha256:", StringComparison.Ordinal))
            throw new TaskCannotRunException(
                Reasons.Image,
                $"The image '{image}' names no digest, and Executor:RequireDigest asks for one; write {image}@sha256:…"
            );
        if (await engine.Image(image, cancellationToken) is { } facts)
            return facts;
        if (built)
            throw new TaskCannotRunException(
                Reasons.Engine,
                $"The image '{image}' is not on this engine. It is built there and never pulled; "
                    + "'./nightshift up' builds it again"
            );
        await Pull(image, cancellationToken);
        return await engine.Image(image, cancellationToken)
            ?? throw new TaskCannotRunException(Reasons.Image, $"The image '{image}' was fetched and is gone again");
    }

    async Task Pull(string image, CancellationToken cancellationToken)
    {
        var pull = pulls.GetOrAdd(image, x => new Lazy<Task>(() => Fetch(x)));
        try
        {
            await pull.Value.WaitAsync(cancellationToken);
        }
        catch (EngineException e) when (!e.Unreachable)
        {
            throw new TaskCannotRunException(
                Reasons.Image,
                $"The image '{image}' is not on this engine and cannot be fetched: {e.Message}"
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TaskCannotRunException(
                Reasons.Image,
                $"The image '{image}' is not on this engine and fetching it took longer than "
                    + $"{Limit.TotalMinutes:0} minutes"
            );
        }
    }

    async Task Fetch(string image)
    {
        try
        {
            Log.Pulling(log, image);
            // not the first asker's token: others wait for the same fetch
            using var limit = new CancellationTokenSource(Limit, clock);
            await engine.Pull(image, limit.Token);
        }
        finally
        {
            pulls.TryRemove(image, out _);
        }
    }
}
