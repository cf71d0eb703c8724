using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Logs;

public sealed class LineAssemblerTests
{
    const string Stamp = "2026-01-31T09:00:00.123456789Z ";
    static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 31, 9, 0, 0, TimeSpan.Zero).AddTicks(1_234_560);

    [Fact]
    public void Each_entry_is_a_line_with_its_time_in_microseconds() =>
        Assert.Equal(
            [new RawLine(At, "one", Cut: false), new RawLine(At, "", Cut: false), new RawLine(At, "two", Cut: false)],
            Lines($"{Stamp}one\n{Stamp}\n{Stamp}two\r\n")
        );

    [Fact]
    public void A_last_line_without_an_end_counts() =>
        Assert.Equal([new RawLine(At, "half", Cut: false)], Lines($"{Stamp}half"));

    [Fact]
    public void A_long_line_is_put_together_from_the_engines_entries()
    {
        var (first, rest) = (new string('a', 16 * 1024), new string('b', 100));
        Assert.Equal([first + rest, "next"], Lines($"{Stamp}{first}{Stamp}{rest}\n{Stamp}next\n").Select(x => x.Text));
    }

    [Fact]
    public void A_line_that_fills_its_entry_exactly_ends_in_an_empty_one()
    {
        var full = new string('a', 16 * 1024);
        Assert.Equal([full, "next"], Lines($"{Stamp}{full}{Stamp}\n{Stamp}next\n").Select(x => x.Text));
    }

    [Fact]
    public void The_rest_of_a_line_beyond_64_KiB_is_dropped()
    {
        var part = Stamp + new string('a', 16 * 1024);
        var lines = Lines(string.Concat(Enumerable.Repeat(part, 5)) + $"{Stamp}tail\n{Stamp}next\n");
        Assert.Equal([(64 * 1024, true), (4, false)], lines.Select(x => (x.Text.Length, x.Cut)));
    }

    // 4-byte characters behind 0 to 3 letters: the limit falls on each of their bytes.
    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    public void A_long_line_is_cut_between_characters(string before)
    {
        var text = before + string.Concat(Enumerable.Repeat("😀", 20_000));
        var bytes = new List<byte>();
        foreach (var entry in Encoding.UTF8.GetBytes(text).Chunk(16 * 1024))
            bytes.AddRange([.. Encoding.UTF8.GetBytes(Stamp), .. entry]);
        var line = Assert.Single(Take(new LineAssembler(), [.. bytes, (byte)'\n']));
        Assert.True(line.Cut);
        Assert.StartsWith(line.Text, text, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(line.Text), 64 * 1024 - 3, 64 * 1024);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_not_taken_for_half_a_character()
    {
        var bytes = new List<byte>();
        for (var i = 0; i < 5; i++)
            bytes.AddRange([.. Encoding.UTF8.GetBytes(Stamp), .. Enumerable.Repeat((byte)0xFF, 16 * 1024)]);
        var line = Assert.Single(Take(new LineAssembler(), [.. bytes, (byte)'\n']));
        Assert.Equal(64 * 1024, line.Text.Length);
    }

    [Fact]
    public void A_progress_bar_that_never_ends_its_line_does_not_fill_it()
    {
        var bar = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i} of 20000 done\r")) + "finished";
        var entries = string.Concat(bar.Chunk(16 * 1024).Select(x => Stamp + new string(x)));
        var line = Assert.Single(Lines($"{entries}\n"));
        Assert.False(line.Cut);
        Assert.EndsWith("19999 of 20000 done\rfinished", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_PostgreSQL_cannot_store_is_replaced() =>
        Assert.Equal(
            "a\uFFFDb\uFFFD",
            Assert.Single(Take(new LineAssembler(), [.. Encoding.UTF8.GetBytes(Stamp + "a\0b"), 0xFF, (byte)'\n'])).Text
        );

    [Property]
    public bool However_the_connection_splits_the_bytes_the_lines_are_the_same(NonEmptyString[] texts, PositiveInt size)
    {
        string[] expected = [.. texts.Select(x => x.Get.Replace('\n', ' ').Replace('\r', ' ').Replace('\0', ' '))];
        var bytes = Encoding.UTF8.GetBytes(string.Concat(expected.Select(x => $"{Stamp}{x}\n")));
        var assembler = new LineAssembler();
        string[] lines = [.. bytes.Chunk(size.Get).SelectMany(x => Take(assembler, x)).Select(x => x.Text)];
        return lines.SequenceEqual(expected.Select(x => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(x))));
    }

    static List<RawLine> Lines(string text)
    {
        var assembler = new LineAssembler();
        return
        [
            .. Take(assembler, Encoding.UTF8.GetBytes(text)),
            .. assembler.End() is { } last ? [last] : Array.Empty<RawLine>(),
        ];
    }

    static IReadOnlyList<RawLine> Take(LineAssembler assembler, byte[] bytes) => assembler.Take(bytes);
}
