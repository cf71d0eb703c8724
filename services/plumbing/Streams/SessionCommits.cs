using Marten;
using Marten.Services;

namespace Nightshift.Plumbing.Streams;

/// <summary>Reports what sessions of Marten commit.</summary>
sealed class SessionCommits(IReadOnlyList<ICommitListener> listeners) : DocumentSessionListenerBase
{
    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        var events = commit.GetEvents().ToList();
        if (events.Count > 0)
            foreach (var listener in listeners)
                listener.Committed(events);
        return Task.CompletedTask;
    }
}
