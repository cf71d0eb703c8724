using System.Text;

namespace Nightshift.Executor.Logs;

/// <summary>
/// How far one attempt's log has been taken. Made from the stored lines when a log is taken up again, so that a
/// container followed by two executors in turn, or over two connections, leaves each line once.
/// </summary>
public sealed class LogProgress
{
    /// <summary>Bytes of one log that are stored, line ends included; what comes after is heard but not kept.</summary>
    public const int MostBytes = 10 * 1024 * 1024;

    readonly Dictionary<string, int> newest = []; // lines per stream that carry the newest time
    Dictionary<string, int> skip = [];
    DateTimeOffset resumedAt = DateTimeOffset.MinValue;
    long seq,
        bytes;
    bool full;

    /// <summary>What the task has told so far.</summary>
    public TaskMessages TaskMessages { get; private set; } = TaskMessages.Nothing;

    /// <summary>The time of the newest line; null before the first. The log is read on from here.</summary>
    public DateTimeOffset? Newest { get; private set; }

    /// <summary>Notes a line that is stored.</summary>
    public void Note(LogLine line)
    {
        Count(line);
        full |= line is { Stream: LogLine.Ours } && bytes > MostBytes - LineAssembler.LongestLine;
    }

    /// <summary>Prepares for reading on from <see cref="Newest"/>: the lines of that very instant come again.</summary>
    public void Resume()
    {
        skip = new(newest);
        resumedAt = Newest ?? DateTimeOffset.MinValue;
    }

    /// <summary>Takes one line.</summary>
    /// <returns>The line to store; our remark in place of the first one too many; null for nothing.</returns>
    public LogLine? Take(string stream, RawLine raw, Masker mask)
    {
        if (raw.At <= resumedAt && skip.GetValueOrDefault(stream) is > 0 and var again)
        {
            skip[stream] = again - 1;
            return null;
        }
        var text = mask.Apply(raw);
        if (full)
        {
            TaskMessages = TaskMessages.Hear(text);
            return null;
        }
        full = bytes + Encoding.UTF8.GetByteCount(text) + 1 > MostBytes;
        var line = full
            ? new LogLine(seq + 1, raw.At, LogLine.Ours, "log truncated: it is longer than 10 MiB")
            : new LogLine(seq + 1, raw.At, stream, text);
        Count(line);
        if (full)
            TaskMessages = TaskMessages.Hear(text);
        return line;
    }

    void Count(LogLine line)
    {
        seq = line.Seq;
        if (line.Stream == LogLine.Ours)
            return;
        bytes += Encoding.UTF8.GetByteCount(line.Text) + 1;
        TaskMessages = TaskMessages.Hear(line.Text);
        if (Newest is null || line.At > Newest)
        {
            Newest = line.At;
            newest.Clear();
        }
        if (line.At == Newest)
            newest[line.Stream] = newest.GetValueOrDefault(line.Stream) + 1;
    }
}
