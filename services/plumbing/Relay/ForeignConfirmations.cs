namespace Nightshift.Plumbing.Relay;

/// <summary>What other instances say they have published, until the loop comes to it. Bounded in memory.</summary>
sealed class ForeignConfirmations
{
    /// <summary>Ids remembered at most; forgetting one costs a duplicate, nothing else.</summary>
    public const int RememberAtMost = 50_000;

    readonly HashSet<Guid> ids = [];
    readonly Queue<Guid> order = [];

    /// <summary>Takes in the text of one notification.</summary>
    public void Add(string payload)
    {
        foreach (var id in EventIdList.Parse(payload))
        {
            if (!ids.Add(id))
                continue;
            order.Enqueue(id);
            if (order.Count > RememberAtMost)
                ids.Remove(order.Dequeue());
        }
    }

    /// <summary>True when another instance has published the event.</summary>
    public bool Contains(Guid eventId) => ids.Contains(eventId);
}
