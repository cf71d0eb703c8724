using System.Collections.Concurrent;
using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Containers;

/// <summary>Fetches a missing image once, however many attempts ask for it at the same time.</summary>
public sealed class ImagePuller(IContainerEngine engine, ILogger<ImagePuller> log, TimeProvider clock)
{
    /// <summary>Longest a fetch may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<string, Lazy<Task>> pulls = [];

    /// <summary>Fetches an image.</summary>
    /// <exception cref="TaskCannotRunException">It cannot be had.</exception>
    /// <exception cref="EngineException">The engine stays away.</exception>
    public async Task Pull(string image, CancellationToken cancellationToken)
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
                $"The image '{image}' is not on this engine and fetching it took longer than {Limit.TotalMinutes:0} minutes"
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
