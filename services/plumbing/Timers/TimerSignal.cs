using System.Runtime.CompilerServices;
using Marten;
using Marten.Services;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Plumbing.Timers;

/// <summary>Wakes this process's dispatcher when a transaction that armed a timer has committed.</summary>
public sealed class TimerSignal : DocumentSessionListenerBase, IDisposable
{
    readonly ConditionalWeakTable<IDocumentSession, object> arming = [];
    readonly WakeUp armed = new();

    /// <summary>Remembers that the session arms a timer.</summary>
    public void WakeAfterCommit(IDocumentSession session) => arming.AddOrUpdate(session, session);

    /// <summary>Waits for an armed timer, at most <paramref name="limit"/>.</summary>
    public Task Wait(TimeSpan limit, CancellationToken cancellationToken) => armed.Wait(limit, cancellationToken);

    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (arming.Remove(session))
            armed.Set();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => armed.Dispose();
}
