using System.Globalization;
using System.Runtime.CompilerServices;
using Nightshift.Executor.Attempts;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Logs;

/// <summary>Reads an attempt's log, also while it grows. Lines that are not kept are replaced by one remark.</summary>
public sealed class LogReader(
    AttemptLogTable table,
    LogSignals signals,
    StreamStore<Attempt> attempts,
    TimeProvider clock
)
{
    /// <summary>Longest wait of a follower. A safety net for lines and endings another instance writes.</summary>
    public static readonly TimeSpan SafetyRefreshPeriod = TimeSpan.FromSeconds(1);

    /// <summary>The lines there are.</summary>
    public IAsyncEnumerable<LogLine> Read(string attemptId, CancellationToken cancellationToken) =>
        Read(attemptId, new Place { Offset = 0 }, cancellationToken);

    /// <summary>The lines behind the one with that number.</summary>
    public IAsyncEnumerable<LogLine> Read(string attemptId, long after, CancellationToken cancellationToken) =>
        Read(attemptId, new Place { Seq = after }, cancellationToken);

    /// <summary>
    /// The lines there are, then each further one; ends when the attempt has. Waits for an attempt that has not begun.
    /// </summary>
    public IAsyncEnumerable<LogLine> Follow(string attemptId, CancellationToken cancellationToken) =>
        Follow(attemptId, after: 0, cancellationToken);

    /// <summary>The same, for the lines behind the one with that number.</summary>
    public async IAsyncEnumerable<LogLine> Follow(
        string attemptId,
        long after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watch = signals.On(attemptId);
        var place = new Place { Seq = after, Offset = after == 0 ? 0 : null };
        for (var over = false; !over; )
        {
            // Asked before the lines are read: all lines of a finished attempt are stored.
            over = (await attempts.Load(attemptId, cancellationToken)).State.Phase == AttemptPhase.Finished;
            await foreach (var line in Read(attemptId, place, cancellationToken))
                yield return line;
            if (!over)
                await watch.Next(SafetyRefreshPeriod, clock, cancellationToken);
        }
    }

    async IAsyncEnumerable<LogLine> Read(
        string attemptId,
        Place place,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var chunk in table.Read(attemptId, place.Seq, cancellationToken))
        {
            if (chunk.FirstSeq > place.Seq + 1)
                yield return LeftOut(chunk, place);
            foreach (var line in chunk.Lines)
                if (line.Seq > place.Seq)
                {
                    place.Seq = line.Seq;
                    yield return line;
                }
            place.Offset = chunk.End;
        }
    }

    static LogLine LeftOut(StoredChunk next, Place place)
    {
        var lines = next.FirstSeq - place.Seq - 1;
        if (place.Seq == 0) // a log that is too long keeps its beginning
            return new(next.FirstSeq - 1, next.Lines[0].At, LogLine.Ours, Removed(lines));
        var size = place.Offset is { } offset ? $" ({(next.Offset - offset) / 1024.0 / 1024:0.0} MiB)" : "";
        return new(
            next.FirstSeq - 1,
            next.Lines[0].At,
            LogLine.Ours,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{lines} lines{size} are left out here: a log keeps its first {LogWindow.Head / 1024 / 1024} "
                    + $"MiB and its last, {LogWindow.Most / 1024 / 1024} MiB in all"
            )
        );
    }

    static string Removed(long lines) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{lines} lines at the beginning are no longer kept; logs are removed after Retention__Logs"
        );

    sealed class Place
    {
        public long Seq { get; set; }

        public long? Offset { get; set; }
    }
}
