namespace Nightshift.Plumbing.Streams;

/// <summary>The most recently used folded states. Touched by one lane only, hence no locks.</summary>
sealed class StateCache<TState>(int capacity)
{
    readonly Dictionary<string, LinkedListNode<(string Id, TState State, long Version)>> index = [];
    readonly LinkedList<(string Id, TState State, long Version)> recent = [];

    public (TState State, long Version)? Find(string id)
    {
        if (!index.TryGetValue(id, out var node))
            return null;
        recent.Remove(node);
        recent.AddFirst(node);
        return (node.Value.State, node.Value.Version);
    }

    public void Keep(string id, TState state, long version)
    {
        Forget(id);
        if (version == 0)
            return; // nothing exists yet: the next look must ask the database
        index[id] = recent.AddFirst((id, state, version));
        if (index.Count > capacity)
            Forget(recent.Last!.Value.Id);
    }

    public void Forget(string id)
    {
        if (index.Remove(id, out var node))
            recent.Remove(node);
    }
}
