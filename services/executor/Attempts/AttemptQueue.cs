using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Nightshift.Executor.Attempts;

/// <summary>Accepted attempts that wait for a slot of this instance, oldest first, each at most once.</summary>
public sealed class AttemptQueue
{
    readonly ConcurrentDictionary<string, bool> known = [];
    readonly Channel<string> waiting = Channel.CreateUnbounded<string>();

    /// <summary>Puts an attempt into the queue unless it waits or runs here already.</summary>
    public void Offer(string attemptId)
    {
        if (known.TryAdd(attemptId, true))
            waiting.Writer.TryWrite(attemptId);
    }

    /// <summary>Takes attempts as they come, for one slot.</summary>
    public IAsyncEnumerable<string> Take(CancellationToken cancellationToken) =>
        waiting.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The attempt has left its slot; it may be offered again.</summary>
    public void Done(string attemptId) => known.TryRemove(attemptId, out _);
}
