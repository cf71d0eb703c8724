using System.Collections.Concurrent;
using System.Threading.Channels;
using Marten;
using Marten.Services;

namespace Nightshift.Plumbing.Streams;

/// <summary>Tells watchers in this process that a stream has grown.</summary>
public sealed class CommitSignals : DocumentSessionListenerBase
{
    readonly ConcurrentDictionary<Watch, string> watches = [];

    /// <summary>Watches one stream until disposed.</summary>
    public Watch On(string streamId)
    {
        var watch = new Watch(x => watches.TryRemove(x, out _));
        watches[watch] = streamId;
        return watch;
    }

    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        if (watches.IsEmpty) return Task.CompletedTask;
        var grown = commit.GetEvents().Select(x => x.StreamKey).ToHashSet();
        foreach (var (watch, streamId) in watches)
            if (grown.Contains(streamId)) watch.Signal();
        return Task.CompletedTask;
    }

    /// <summary>One watcher's mailbox: however many commits came, one wake-up waits.</summary>
    public sealed class Watch(Action<Watch> end) : IDisposable
    {
        readonly Channel<bool> mailbox = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        internal void Signal() => mailbox.Writer.TryWrite(true);

        /// <summary>Returns when the stream has grown, or after <paramref name="limit"/>: commits of other instances are not signalled.</summary>
        public async Task Next(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
        {
            using var timer = new CancellationTokenSource(limit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try { await mailbox.Reader.ReadAsync(either.Token); }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { } // the limit: look anyway
        }

        /// <inheritdoc/>
        public void Dispose() => end(this);
    }
}
