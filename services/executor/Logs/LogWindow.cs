namespace Nightshift.Executor.Logs;

/// <summary>
/// Which chunks of a log are kept: up to <see cref="Most"/> bytes all of them; of a longer log its first half of that
/// and its latest. Nothing marks the gap but the numbers of the lines.
/// </summary>
public sealed class LogWindow
{
    /// <summary>
    /// Bytes of one log that are kept, line ends included. 16 MiB are about 200,000 lines of a build.
    /// </summary>
    public const long Most = 16 * 1024 * 1024;

    /// <summary>Bytes of its beginning that are kept of a longer one.</summary>
    public const long Head = Most / 2;

    /// <summary>How far a log grows beyond <see cref="Most"/> before a statement takes chunks out.</summary>
    const long Slack = 1024 * 1024;

    readonly Queue<(long First, long Last, long Size)> latest = [];
    long head,
        tail;

    /// <summary>Notes a chunk that will not grow any more.</summary>
    /// <returns>The numbers of the lines to take out now; null for none.</returns>
    public (long First, long Last)? Add(StoredChunk chunk)
    {
        var size = chunk.End - chunk.Offset;
        if (latest.Count == 0 && head + size <= Head)
            head += size;
        else
        {
            latest.Enqueue((chunk.FirstSeq, chunk.LastSeq, size));
            tail += size;
        }
        return head + tail > Most + Slack ? Shrink() : null;
    }

    /// <summary>Gives up the oldest chunks behind the head until the rest fits.</summary>
    /// <returns>The numbers of the lines to take out; null for none.</returns>
    public (long First, long Last)? Shrink()
    {
        (long First, long Last)? gone = null;
        while (head + tail > Most && latest.TryDequeue(out var oldest))
        {
            tail -= oldest.Size;
            gone = (gone?.First ?? oldest.First, oldest.Last);
        }
        return gone;
    }
}
