using System.Text;

namespace Nightshift.Executor.Logs;

/// <summary>
/// How far one attempt's log has been taken. Made from the stored lines when a log is taken up again, so that a
/// container followed by two executors in turn, or over two connections, leaves each line once.
/// </summary>
/// <param name="container">The container's id.</param>
/// <param name="mask">Takes secrets out of what is stored.</param>
public sealed class LogProgress(string container, Masker mask)
{
    const string Stdout = "stdout";

    /// <summary>Bytes the engine's log has for a line besides its text: time, stream, punctuation.</summary>
    const int EntryOverhead = 72;

    readonly Dictionary<string, int> newest = []; // lines per stream that carry the newest time
    OutputFile file = new(container);
    DateTimeOffset fileFrom,
        fileTo = DateTimeOffset.MinValue; // when its markers were printed, once it has been read whole
    Dictionary<string, int> skip = [];
    DateTimeOffset resumedAt = DateTimeOffset.MinValue;
    long seq,
        taken;

    /// <summary>What the task has told so far.</summary>
    public TaskMessages TaskMessages { get; private set; } = TaskMessages.Nothing;

    /// <summary>The time of the newest line; null before the first. The log is read on from here.</summary>
    public DateTimeOffset? Newest { get; private set; }

    /// <summary>Notes a line that is stored. One that is noted already changes nothing.</summary>
    public void Note(LogLine line)
    {
        if (line.Seq > seq)
            Count(line);
    }

    /// <summary>Prepares for reading on from <see cref="Newest"/>: the lines of that very instant come again.</summary>
    public void Resume()
    {
        skip = new(newest);
        resumedAt = Newest ?? DateTimeOffset.MinValue;
        file = new(container);
    }

    /// <summary>Takes one line.</summary>
    /// <returns>The line to store; null for nothing.</returns>
    public LogLine? Take(string stream, RawLine raw)
    {
        if (raw.At <= resumedAt && skip.GetValueOrDefault(stream) is > 0 and var again)
        {
            skip[stream] = again - 1;
            if (stream == Stdout)
                file.Begin(raw.Text); // the marker may stand behind a line that is stored
            return null;
        }
        if (stream == Stdout && file.IsOpen)
        {
            if (!file.Take(raw.Text))
                (TaskMessages, fileTo) = (file.Close(TaskMessages, mask, whole: true), raw.At);
            return null;
        }
        if (stream == Stdout && file.Begin(raw.Text) is { } before)
        {
            fileFrom = raw.At;
            return before.Length > 0 ? Add(stream, raw with { Text = before }) : null;
        }
        return stream == Stdout && IsOfFile(raw) ? null : Add(stream, raw);
    }

    // A clock that was set back gives the file's marker an earlier time than a line before it: reading on from that
    // line
    // then leaves out the marker, and not what stands behind it.
    bool IsOfFile(RawLine raw) => resumedAt > DateTimeOffset.MinValue && raw.At > fileFrom && raw.At <= fileTo;

    /// <summary>The log has been read to its end.</summary>
    /// <param name="engineKeeps">Bytes the engine keeps of a container's log before it begins another file.</param>
    public TaskMessages End(long engineKeeps)
    {
        if (file.IsOpen)
            TaskMessages = file.Close(TaskMessages, mask, whole: false);
        return taken < engineKeeps
            ? TaskMessages
            : TaskMessages.Warn(
                "The log is longer than the engine keeps; lines in its middle, and outputs printed there, may "
                    + "be missing"
            );
    }

    LogLine Add(string stream, RawLine raw)
    {
        var line = new LogLine(seq + 1, raw.At, stream, LastState(mask.Apply(raw)));
        Count(line);
        return line;
    }

    // Of a progress bar a terminal shows what stands behind the last carriage return.
    static string LastState(string text) => text[(text.LastIndexOf('\r') + 1)..];

    void Count(LogLine line)
    {
        seq = line.Seq;
        if (line.Stream == LogLine.Ours)
            return;
        taken += Encoding.UTF8.GetByteCount(line.Text) + EntryOverhead;
        if (line.Stream == Stdout)
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
