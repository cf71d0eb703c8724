using JasperFx.Events;

namespace Nightshift.Plumbing.Streams;

/// <summary>Tells watchers in this process that a stream has grown.</summary>
public sealed class CommitSignals : ICommitListener
{
    readonly Watches watches = new();

    /// <summary>Watches one stream until disposed.</summary>
    public Watches.Watch On(string streamId) => watches.On(streamId);

    /// <inheritdoc/>
    public void Committed(IReadOnlyList<IEvent> events)
    {
        if (!watches.IsEmpty)
            watches.Signal([.. events.Select(x => x.StreamKey!).Distinct()]);
    }
}
