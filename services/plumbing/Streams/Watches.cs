using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Nightshift.Plumbing.Streams;

/// <summary>Watchers in this process, each of one thing that changes, by its name.</summary>
public class Watches
{
    readonly ConcurrentDictionary<Watch, string> watches = [];

    /// <summary>True when nobody watches anything.</summary>
    public bool IsEmpty => watches.IsEmpty;

    /// <summary>Watches one thing until disposed.</summary>
    public Watch On(string name)
    {
        var watch = new Watch(x => watches.TryRemove(x, out _));
        watches[watch] = name;
        return watch;
    }

    /// <summary>Wakes whoever watches one of these.</summary>
    public void Signal(params ReadOnlySpan<string> changed)
    {
        foreach (var (watch, name) in watches)
            if (changed.Contains(name))
                watch.Signal();
    }

    /// <summary>One watcher's mailbox: however many changes came, one wake-up waits.</summary>
    public sealed class Watch(Action<Watch> end) : IDisposable
    {
        readonly Channel<bool> mailbox = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
        );

        internal void Signal() => mailbox.Writer.TryWrite(true);

        /// <summary>
        /// Returns after a change, or after <paramref name="limit"/>: changes made by other instances are not
        /// signalled.
        /// </summary>
        public async Task Next(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
        {
            using var timer = new CancellationTokenSource(limit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try
            {
                await mailbox.Reader.ReadAsync(either.Token);
            }
            // the limit: look anyway
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { }
        }

        /// <inheritdoc/>
        public void Dispose() => end(this);
    }
}
