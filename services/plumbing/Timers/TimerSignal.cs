using System.Runtime.CompilerServices;
using Marten;
using Marten.Services;

namespace Nightshift.Plumbing.Timers;

/// <summary>Wakes this process's dispatcher when a transaction that armed a timer has committed.</summary>
public sealed class TimerSignal : DocumentSessionListenerBase, IDisposable
{
    readonly ConditionalWeakTable<IDocumentSession, object> arming = [];
    readonly SemaphoreSlim armed = new(0, 1);

    /// <summary>Remembers that the session arms a timer.</summary>
    public void WakeAfterCommit(IDocumentSession session) => arming.AddOrUpdate(session, session);

    /// <summary>Waits for an armed timer, at most <paramref name="limit"/>.</summary>
    public Task Wait(TimeSpan limit, CancellationToken cancellationToken) => armed.WaitAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (arming.Remove(session) && armed.CurrentCount == 0)
        {
            try
            {
                armed.Release();
            }
            catch (SemaphoreFullException) { } // another commit has just woken it: the same wake-up serves both
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => armed.Dispose();
}
