namespace Nightshift.Plumbing.Relay;

/// <summary>One committed event as a pass over the log sees it.</summary>
/// <param name="Sequence">Its number in the log.</param>
/// <param name="Published">False when it still has messages to publish.</param>
public readonly record struct LogEntry(long Sequence, bool Published);

/// <summary>Sequence numbers that a pass did not see although a higher one was visible.</summary>
/// <param name="First">The lowest of them.</param>
/// <param name="Last">The highest of them.</param>
/// <param name="Writers">The transactions that may still commit one of them, by virtual transaction id; null until they
/// were read. The set only shrinks.</param>
public sealed record SequenceGap(long First, long Last, IReadOnlySet<string>? Writers);

/// <summary>
/// How far the relay has come, and which numbers below that are still open. Pure: what a pass read goes in, the
/// position comes out. Committed events are published in any order; only <see cref="Position"/> waits for gaps.
/// </summary>
/// <remarks>
/// A gap is closed only when every transaction that held the lock on the event sequence after its numbers were known to
/// be handed out has ended, and a read that began after that still does not show them. <c>nextval</c> takes that lock
/// before it hands out a number, and PostgreSQL releases it only after the commit is visible, so no such number can
/// appear later. The reasoning is in docs/decisions/0006-own-relay.md.
/// </remarks>
/// <param name="position">Where to begin: each event up to here is confirmed or can never exist.</param>
public sealed class RelayProgress(long position)
{
    /// <summary>
    /// The virtual transaction ids of prepared transactions begin so. They replace the id under which the transaction
    /// took its numbers, so they hold every gap open.
    /// </summary>
    const string Prepared = "-1/";

    readonly SortedSet<long> unpublished = [];
    List<SequenceGap> gaps = [];

    /// <summary>The highest number seen.</summary>
    public long Scanned { get; private set; } = position;

    /// <summary>Numbers at or below <see cref="Scanned"/> that were not seen yet, in order.</summary>
    public IReadOnlyList<SequenceGap> Gaps => gaps;

    /// <summary>Numbers that were seen and still have messages to publish.</summary>
    public IReadOnlyCollection<long> Unpublished => unpublished;

    /// <summary>Every event up to this number is confirmed by the broker or can never exist.</summary>
    public long Position
    {
        get
        {
            var firstOpen = gaps.Count > 0 ? gaps[0].First : long.MaxValue;
            if (unpublished.Count > 0)
                firstOpen = Math.Min(firstOpen, unpublished.Min);
            return Math.Min(Scanned, firstOpen - 1);
        }
    }

    /// <summary>Takes in one pass over the log.</summary>
    /// <param name="writers">The holders of the lock on the event sequence, read before the two others.</param>
    /// <param name="inGaps">The entries now visible in <see cref="Gaps"/>, in order.</param>
    /// <param name="above">The lowest entries above <see cref="Scanned"/>, in order.</param>
    public void Observe(IReadOnlySet<string> writers, IReadOnlyList<LogEntry> inGaps, IReadOnlyList<LogEntry> above)
    {
        gaps = [.. gaps.SelectMany(gap => Without(inGaps, Narrow(gap, writers))).Where(x => x.Writers!.Count > 0)];
        foreach (var entry in inGaps)
            Note(entry);
        foreach (var entry in above)
        {
            if (entry.Sequence > Scanned + 1)
                gaps.Add(new(Scanned + 1, entry.Sequence - 1, Writers: null));
            Scanned = entry.Sequence;
            Note(entry);
        }
    }

    /// <summary>The broker has confirmed the event's messages, or they can never be published.</summary>
    public void Settle(long sequence) => unpublished.Remove(sequence);

    void Note(LogEntry entry)
    {
        if (!entry.Published)
            unpublished.Add(entry.Sequence);
    }

    static SequenceGap Narrow(SequenceGap gap, IReadOnlySet<string> writers) =>
        gap with
        {
            Writers =
                gap.Writers is null || writers.Any(IsPrepared)
                    ? new HashSet<string>(writers)
                    : new HashSet<string>(gap.Writers.Where(writers.Contains)),
        };

    static bool IsPrepared(string writer) => writer.StartsWith(Prepared, StringComparison.Ordinal);

    static IEnumerable<SequenceGap> Without(IReadOnlyList<LogEntry> seen, SequenceGap gap)
    {
        var first = gap.First;
        foreach (var entry in seen)
        {
            if (entry.Sequence < gap.First || entry.Sequence > gap.Last)
                continue;
            if (entry.Sequence > first)
                yield return gap with
                {
                    First = first,
                    Last = entry.Sequence - 1,
                };
            first = entry.Sequence + 1;
        }
        if (first <= gap.Last)
            yield return gap with
            {
                First = first,
            };
    }
}
