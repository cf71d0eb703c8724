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
