using Marten;
using Marten.Services;

namespace Nightshift.Plumbing.Streams;

/// <summary>Tells watchers in this process that a stream has grown.</summary>
public sealed class CommitSignals : DocumentSessionListenerBase
{
    readonly Watches watches = new();

    /// <summary>Watches one stream until disposed.</summary>
    public Watches.Watch On(string streamId) => watches.On(streamId);

    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (!watches.IsEmpty)
            watches.Signal([.. commit.GetEvents().Select(x => x.StreamKey!).Distinct()]);
        return Task.CompletedTask;
    }
}
