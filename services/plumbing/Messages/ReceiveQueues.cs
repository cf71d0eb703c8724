using System.Collections.Concurrent;

namespace Nightshift.Plumbing.Messages;

/// <summary>The queues this process consumes, or has consumed since it started.</summary>
public sealed class ReceiveQueues
{
    readonly ConcurrentDictionary<string, bool> names = [];

    /// <summary>Their names, in order.</summary>
    public IReadOnlyList<string> All => [.. names.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds one.</summary>
    public void Add(string queue)
    {
        if (!queue.Contains("_bus_", StringComparison.Ordinal)) // the bus's own, for answers
            names[queue] = true;
    }

    /// <summary>Where MassTransit puts what cannot be handled.</summary>
    public static string ErrorQueueOf(string queue) => $"{queue}_error";
}
