using System.Runtime.CompilerServices;
using Nightshift.Executor.Attempts;
using Nightshift.Plumbing.Streams;

namespace Nightshift.Executor.Logs;

/// <summary>Reads an attempt's log, also while it grows.</summary>
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
        table.Read(attemptId, after: 0, cancellationToken);

    /// <summary>
    /// The lines there are, then each further one; ends when the attempt has. Waits for an attempt that has not begun.
    /// </summary>
    public async IAsyncEnumerable<LogLine> Follow(
        string attemptId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var watch = signals.On(attemptId);
        for (var (seq, over) = (0L, false); !over; )
        {
            // Asked before the lines are read: all lines of a finished attempt are stored.
            over = (await attempts.Load(attemptId, cancellationToken)).State.Phase == AttemptPhase.Finished;
            await foreach (var line in table.Read(attemptId, seq, cancellationToken))
            {
                seq = line.Seq;
                yield return line;
            }
            if (!over)
                await watch.Next(SafetyRefreshPeriod, clock, cancellationToken);
        }
    }
}
