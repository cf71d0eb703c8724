using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Nightshift.Executor.Logs;

/// <summary>Tells readers in this process that a log has grown or ended.</summary>
public sealed class LogSignals
{
    readonly ConcurrentDictionary<Watch, string> watches = [];

    /// <summary>Watches one log until disposed.</summary>
    public Watch On(string attemptId)
    {
        var watch = new Watch(x => watches.TryRemove(x, out _));
        watches[watch] = attemptId;
        return watch;
    }

    /// <summary>Wakes the readers of one log.</summary>
    public void Signal(string attemptId)
    {
        foreach (var (watch, watched) in watches)
            if (watched == attemptId) watch.Signal();
    }

    /// <summary>One reader's mailbox: however often the log grew, one wake-up waits.</summary>
    public sealed class Watch(Action<Watch> end) : IDisposable
    {
        readonly Channel<bool> mailbox = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        internal void Signal() => mailbox.Writer.TryWrite(true);

        /// <summary>Returns when the log has grown, or after <paramref name="limit"/>: another instance's lines are not signalled.</summary>
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
