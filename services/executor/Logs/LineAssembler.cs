using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Nightshift.Executor.Logs;

/// <summary>A line as the container printed it.</summary>
/// <param name="At">When its last part was taken by the engine (UTC, microseconds).</param>
/// <param name="Text">Its text; bytes that are no UTF-8 are replaced, and so is NUL, which PostgreSQL cannot
/// store. Carriage returns inside it are kept.</param>
/// <param name="Cut">True when it was longer than <see cref="LineAssembler.LongestLine"/> and the rest was
/// dropped. The cut is between two characters.</param>
public readonly record struct RawLine(DateTimeOffset At, string Text, bool Cut);

/// <summary>
/// Makes lines of one output's bytes. The engine leads each entry of its log with a time and a space, splits lines
/// longer than 16 KiB into several entries, and its connection may split anything anywhere.
/// </summary>
public sealed class LineAssembler
{
    /// <summary>Bytes of a line that are kept.</summary>
    public const int LongestLine = 64 * 1024;

    /// <summary>The engine's own bound on an entry: only one that is full goes on in the next.</summary>
    const int FullEntry = 16 * 1024;

    /// <summary><c>2026-01-31T09:00:00.123456789Z </c></summary>
    const int StampLength = 31;

    readonly List<byte> stamp = new(StampLength);
    readonly List<byte> line = [];
    DateTimeOffset at;
    bool inEntry,
        cut;
    int entryLength;

    /// <summary>Takes bytes as they come and gives the lines they complete.</summary>
    public IReadOnlyList<RawLine> Take(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<RawLine>();
        while (bytes.Length > 0)
        {
            if (!inEntry || entryLength >= FullEntry)
                bytes = TakeStamp(bytes);
            if (!inEntry)
                continue;
            var end = bytes.IndexOf((byte)'\n');
            var room = FullEntry - entryLength;
            var take = end >= 0 && end <= room ? end : Math.Min(bytes.Length, room);
            Keep(bytes[..take]);
            bytes = bytes[take..];
            if (bytes.Length > 0 && bytes[0] == '\n')
            {
                lines.Add(Finish());
                bytes = bytes[1..];
            }
        }
        return lines;
    }

    /// <summary>The last line, when the output ended without a line end.</summary>
    public RawLine? End() => line.Count > 0 || cut ? Finish() : null;

    ReadOnlySpan<byte> TakeStamp(ReadOnlySpan<byte> bytes)
    {
        inEntry = false;
        var take = Math.Min(StampLength - stamp.Count, bytes.Length);
        stamp.AddRange(bytes[..take]);
        if (stamp.Count < StampLength)
            return bytes[take..];
        var text = Encoding.ASCII.GetString(CollectionsMarshal.AsSpan(stamp)).TrimEnd();
        if (
            DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var parsed
            )
        )
            at = parsed.AddTicks(-(parsed.Ticks % TimeSpan.TicksPerMicrosecond));
        stamp.Clear();
        (inEntry, entryLength) = (true, 0);
        return bytes[take..];
    }

    void Keep(ReadOnlySpan<byte> bytes)
    {
        entryLength += bytes.Length;
        if (bytes.Length > LongestLine - line.Count)
            DropOverwritten();
        var room = LongestLine - line.Count;
        cut |= bytes.Length > room;
        line.AddRange(bytes[..Math.Min(room, bytes.Length)]);
    }

    // A progress bar that goes on for hours is one endless line; what a terminal has overwritten makes room.
    void DropOverwritten()
    {
        var overwritten = CollectionsMarshal.AsSpan(line).LastIndexOf((byte)'\r') + 1;
        line.RemoveRange(0, overwritten);
        cut &= overwritten == 0;
    }

    RawLine Finish()
    {
        if (cut)
            DropHalfRune();
        var text = Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(line)).TrimEnd('\r').Replace('\0', '\uFFFD');
        var finished = new RawLine(at, text, cut);
        line.Clear();
        (inEntry, cut, entryLength) = (false, false, 0);
        return finished;
    }

    void DropHalfRune()
    {
        var bytes = CollectionsMarshal.AsSpan(line);
        for (var length = 1; length <= Math.Min(3, bytes.Length); length++)
            if (Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData)
            {
                line.RemoveRange(line.Count - length, length);
                return;
            }
    }
}
