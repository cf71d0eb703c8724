using System.Threading.Channels;

namespace Nightshift.Executor.Logs;

/// <summary>Stores the lines of one log in chunks, and keeps the log within its limit.</summary>
sealed class LogWriter(string attemptId, AttemptLogTable table, LogSignals signals, TimeProvider clock)
{
    /// <summary>Longest time a line waits for others before it is stored; a follower sees it that much later.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes written at once at most.</summary>
    const long MostBytes = 64 * 1024;

    /// <summary>
    /// Bytes at which a chunk is closed. A smaller one is written again with the lines that came since, so that a slow
    /// task has few rows too.
    /// </summary>
    const long FullChunk = 16 * 1024;

    readonly LogWindow window = new();
    readonly List<LogLine> open = [];
    long offset,
        size;

    /// <summary>Notes a chunk that is stored.</summary>
    public Task Resume(StoredChunk chunk, CancellationToken cancellationToken)
    {
        offset = chunk.End;
        return Remove(window.Add(chunk), cancellationToken);
    }

    /// <summary>Stores lines as they come, until there are no more.</summary>
    public async Task Write(ChannelReader<LogLine> lines, CancellationToken cancellationToken)
    {
        while (await lines.WaitToReadAsync(cancellationToken))
        {
            await Gather(lines, cancellationToken);
            var chunk = new StoredChunk(offset, [.. open]);
            await table.Write(attemptId, chunk, cancellationToken);
            signals.Signal(attemptId);
            if (size < FullChunk)
                continue;
            open.Clear();
            (offset, size) = (chunk.End, 0);
            await Remove(window.Add(chunk), cancellationToken);
        }
    }

    /// <summary>The log is over: what is beyond its limit goes.</summary>
    public Task End(CancellationToken cancellationToken) => Remove(window.Shrink(), cancellationToken);

    async Task Gather(ChannelReader<LogLine> lines, CancellationToken cancellationToken)
    {
        using var wait = new CancellationTokenSource(LongestWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancellationToken);
        try
        {
            do while (size < MostBytes && lines.TryRead(out var line))
            {
                open.Add(line);
                size += StoredChunk.SizeOf(line);
            }
            while (size < MostBytes && await lines.WaitToReadAsync(either.Token));
        }
        // long enough: what came is stored. A failure of the reading side is met when the next lines are asked for.
        catch (Exception) when (!cancellationToken.IsCancellationRequested) { }
    }

    async Task Remove((long First, long Last)? gone, CancellationToken cancellationToken)
    {
        if (gone is var (first, last))
            await table.Remove(attemptId, first, last, cancellationToken);
    }
}
