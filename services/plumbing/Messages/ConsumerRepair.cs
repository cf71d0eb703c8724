namespace Nightshift.Plumbing.Messages;

/// <summary>What to do about a queue that this instance does not consume.</summary>
public enum RepairAction
{
    /// <summary>Nothing, or nothing yet.</summary>
    None,

    /// <summary>Connect its receive endpoint again.</summary>
    Reconnect,

    /// <summary>End the process; the supervisor starts a new one.</summary>
    EndProcess,
}

/// <summary>Decides when a queue without a consumer is repaired, and how. Pure: time comes in.</summary>
/// <remarks>
/// MassTransit reconnects each endpoint by itself, with a delay that doubles up to a minute and more and goes on
/// growing over several outages in a row. As soon as the broker answers there is nothing to wait for.
/// </remarks>
public sealed class ConsumerRepair
{
    /// <summary>
    /// How long MassTransit's own reconnect gets once the broker answers: long enough for one that is under way, and no
    /// longer, since every run waits meanwhile.
    /// </summary>
    public static readonly TimeSpan ReconnectAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the first connection of a queue gets: nothing was lost that could be repaired.</summary>
    public static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>How long a reconnect gets before the next.</summary>
    public static readonly TimeSpan ReconnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a queue may go without a consumer, while the broker answers, before the process ends.
    /// </summary>
    public static readonly TimeSpan EndAfter = TimeSpan.FromSeconds(30);

    readonly Dictionary<string, (TimeSpan Since, TimeSpan NextReconnect)> missing = [];
    readonly HashSet<string> connected = []; // at some time
    readonly HashSet<string> interrupted = []; // by an outage of the broker

    /// <summary>Decides on one queue.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="consumed">True when this instance consumes it.</param>
    /// <param name="now">How long this process has watched, by a clock that nobody sets: a leap of the wall clock must
    /// not end a process.</param>
    public RepairAction Decide(string queue, bool consumed, TimeSpan now)
    {
        if (consumed)
        {
            missing.Remove(queue);
            interrupted.Remove(queue);
            connected.Add(queue);
            return RepairAction.None;
        }
        if (!missing.TryGetValue(queue, out var state))
            state = (now, now + FirstWait(queue));
        var action =
            now - state.Since >= EndAfter ? RepairAction.EndProcess
            : now >= state.NextReconnect ? RepairAction.Reconnect
            : RepairAction.None;
        missing[queue] =
            action is RepairAction.Reconnect ? state with { NextReconnect = now + ReconnectWithin } : state;
        return action;
    }

    /// <summary>
    /// The broker does not answer: nothing can be repaired, and no time counts. Once it is back, what it interrupted is
    /// connected at once: MassTransit's own reconnect is in a delay by then.
    /// </summary>
    public void BrokerIsAway()
    {
        missing.Clear();
        interrupted.UnionWith(connected);
    }

    TimeSpan FirstWait(string queue) =>
        interrupted.Remove(queue) ? TimeSpan.Zero
        : connected.Contains(queue) ? ReconnectAfter
        : ConnectWithin;
}
