using System.IO.Compression;
using System.Text;

namespace Nightshift.Executor.Logs;

/// <summary>Consecutive lines of one log, as they are stored together.</summary>
/// <param name="Offset">Bytes of the log before the first line, counted as <see cref="SizeOf"/> does.</param>
/// <param name="Lines">At least one; their numbers have no gap.</param>
public sealed record StoredChunk(long Offset, IReadOnlyList<LogLine> Lines)
{
    static readonly string[] Streams = ["stdout", "stderr", LogLine.Ours];

    /// <summary>The number of its first line.</summary>
    public long FirstSeq => Lines[0].Seq;

    /// <summary>The number of its last line.</summary>
    public long LastSeq => Lines[^1].Seq;

    /// <summary>Bytes of the log behind its last line.</summary>
    public long End => Offset + Lines.Sum(x => (long)SizeOf(x));

    /// <summary>
    /// What a line counts towards the limit of a log: its UTF-8 and its line end; an empty line counts 2.
    /// </summary>
    public static int SizeOf(LogLine line) => Math.Max(2, Encoding.UTF8.GetByteCount(line.Text) + 1);

    /// <summary>
    /// The lines in Deflate. Of each line: microseconds since the line before (the first: since 1970) as a 7-bit
    /// encoded integer, the stream as a byte, the text led by its length.
    /// </summary>
    public byte[] Encode()
    {
        using var bytes = new MemoryStream();
        using (var deflate = new DeflateStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var buffered = new BufferedStream(deflate, 16 * 1024))
        using (var writer = new BinaryWriter(buffered))
        {
            var before = 0L;
            foreach (var line in Lines)
            {
                var at = Microseconds(line.At);
                writer.Write7BitEncodedInt64(at - before);
                writer.Write((byte)Array.IndexOf(Streams, line.Stream));
                writer.Write(line.Text);
                before = at;
            }
        }
        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static StoredChunk Decode(long firstSeq, long lastSeq, long offset, byte[] encoded)
    {
        using var deflate = new DeflateStream(new MemoryStream(encoded), CompressionMode.Decompress);
        using var buffered = new BufferedStream(deflate, 16 * 1024);
        using var reader = new BinaryReader(buffered);
        var (lines, at) = (new List<LogLine>((int)(lastSeq - firstSeq + 1)), 0L);
        for (var seq = firstSeq; seq <= lastSeq; seq++)
        {
            at += reader.Read7BitEncodedInt64();
            lines.Add(new(seq, Time(at), Streams[reader.ReadByte()], reader.ReadString()));
        }
        return new(offset, lines);
    }

    static long Microseconds(DateTimeOffset at) =>
        (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    static DateTimeOffset Time(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
