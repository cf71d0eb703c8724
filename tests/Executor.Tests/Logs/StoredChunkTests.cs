using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Logs;

public sealed class StoredChunkTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);

    static LogLine Line(long seq, string text) => new(seq, T0, "stdout", text);

    [Property]
    public bool A_chunk_gives_back_the_lines_it_was_made_of(NonEmptyArray<(NonNull<string>, int, byte)> texts)
    {
        string[] streams = ["stdout", "stderr", LogLine.Ours];
        List<LogLine> lines =
        [
            .. texts.Get.Select(
                (x, i) =>
                    new LogLine(
                        i + 7,
                        T0.AddMicroseconds(x.Item2),
                        streams[x.Item3 % 3],
                        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(x.Item1.Get))
                    )
            ),
        ];
        var chunk = new StoredChunk(123, lines);
        var again = StoredChunk.Decode(chunk.FirstSeq, chunk.LastSeq, chunk.Offset, chunk.Encode());
        return again.Lines.SequenceEqual(lines) && again.End == chunk.End;
    }

    [Fact]
    public void A_log_within_the_limit_is_kept_whole()
    {
        var (window, offset) = (new LogWindow(), 0L);
        for (var i = 1; i <= 256; i++)
            Assert.Null(window.Add(Chunk(i, ref offset)));
        Assert.Equal(LogWindow.Most, offset);
        Assert.Null(window.Shrink());
    }

    [Fact]
    public void Of_a_longer_one_the_first_half_and_the_latest_are_kept()
    {
        var (window, offset, kept) = (new LogWindow(), 0L, new SortedSet<long>());
        for (var i = 1; i <= 1_000; i++)
        {
            kept.Add(i);
            Take(window.Add(Chunk(i, ref offset)));
            Assert.InRange(kept.Count, 0, 256 + 16); // a MiB more, so that not each chunk is a statement
        }
        Take(window.Shrink());
        Assert.Equal([.. Enumerable.Range(1, 128), .. Enumerable.Range(1_000 - 127, 128)], kept.Select(x => (int)x));

        void Take((long First, long Last)? gone)
        {
            if (gone is var (first, last))
                kept.RemoveWhere(x => x >= first && x <= last);
        }
    }

    // 64 KiB in one line, line end included
    static StoredChunk Chunk(int seq, ref long offset)
    {
        var chunk = new StoredChunk(offset, [Line(seq, new string('x', 64 * 1024 - 1))]);
        offset = chunk.End;
        return chunk;
    }
}
