using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Logs;

public sealed class LogProgressTests
{
    const string Container = "0123456789abcdef0123456789abcdef";
    const string Begin = "::nightshift-output-begin 0123456789ab";
    const string End = "::nightshift-output-end 0123456789ab";
    const long Plenty = long.MaxValue;
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);

    readonly LogProgress progress = Progress();

    static LogProgress Progress(params string[] secrets) => new(Container, new Masker(secrets));

    static RawLine Raw(int second, string text) => new(T0.AddSeconds(second), text, Cut: false);

    [Fact]
    public void Lines_are_numbered_across_both_streams()
    {
        Assert.Equal(new LogLine(1, T0, "stdout", "a"), progress.Take("stdout", Raw(0, "a")));
        Assert.Equal(new LogLine(2, T0, "stderr", "b"), progress.Take("stderr", Raw(0, "b")));
    }

    [Fact]
    public void A_log_taken_up_again_leaves_each_line_once_and_goes_on_counting()
    {
        foreach (
            var line in new LogLine[]
            {
                new(1, T0, "stdout", "::output a=1"),
                new(2, T0.AddSeconds(1), "stdout", "x"),
                new(3, T0.AddSeconds(1), "stderr", "e"),
                new(4, T0.AddSeconds(1), "stdout", "y"),
                new(4, T0.AddSeconds(1), "stdout", "y"), // two chunks may hold the same line
            }
        )
            progress.Note(line);
        progress.Resume();
        Assert.Equal(T0.AddSeconds(1), progress.Newest);
        Assert.Null(progress.Take("stdout", Raw(1, "x")));
        Assert.Null(progress.Take("stderr", Raw(1, "e")));
        Assert.Null(progress.Take("stdout", Raw(1, "y")));
        Assert.Equal(new LogLine(5, T0.AddSeconds(1), "stdout", "z"), progress.Take("stdout", Raw(1, "z")));
        Assert.Equal("1", progress.TaskMessages.Outputs["a"]);
    }

    [Fact]
    public void Only_standard_output_speaks_to_Nightshift()
    {
        progress.Take("stdout", Raw(0, "::output rows=42"));
        progress.Take("stderr", Raw(1, "::output rows=7"));
        progress.Take("stderr", Raw(2, "::output leaked=yes"));
        progress.Note(new(4, T0.AddSeconds(3), "stderr", "::output stored=yes"));
        var (name, value) = Assert.Single(progress.End(Plenty).Outputs);
        Assert.Equal(("rows", "42"), (name, value));
    }

    [Theory]
    [InlineData("10 %\r20 %\r100 %", "100 %")]
    [InlineData("no progress", "no progress")]
    [InlineData("gone\r::output a=1", "::output a=1")]
    public void Of_a_progress_bar_the_last_state_is_kept(string printed, string kept) =>
        Assert.Equal(kept, progress.Take("stdout", Raw(0, printed))?.Text);

    [Fact]
    public void The_file_of_outputs_is_taken_and_is_no_part_of_the_log()
    {
        Assert.NotNull(progress.Take("stdout", Raw(0, "::output a=printed")));
        Assert.Null(progress.Take("stdout", Raw(1, Begin)));
        Assert.Equal("meanwhile", progress.Take("stderr", Raw(1, "meanwhile"))?.Text);
        foreach (var line in (string[])["a=written", "b<<EOF", "one", "", "two\rthree", "EOF", End])
            Assert.Null(progress.Take("stdout", Raw(1, line)));
        Assert.Equal("behind it", progress.Take("stdout", Raw(2, "behind it"))?.Text);
        var messages = progress.End(Plenty);
        Assert.Null(messages.Mistake);
        Assert.Equal(("written", "one\n\ntwo\rthree"), (messages.Outputs["a"], messages.Outputs["b"]));
    }

    [Fact]
    public void A_last_line_without_an_end_stands_before_the_marker_and_is_kept_once()
    {
        Assert.Equal("half a line", progress.Take("stdout", Raw(0, "half a line" + Begin))?.Text);
        progress.Resume(); // and the connection broke there
        Assert.Null(progress.Take("stdout", Raw(0, "half a line" + Begin)));
        Assert.Null(progress.Take("stdout", Raw(0, "a=1")));
        Assert.Null(progress.Take("stdout", Raw(0, End)));
        Assert.Equal("1", progress.End(Plenty).Outputs["a"]);
    }

    [Fact]
    public void A_clock_that_is_set_back_before_the_marker_makes_no_lines_of_the_file()
    {
        progress.Take("stdout", Raw(5, "before"));
        foreach (var (second, line) in new[] { (1, Begin), (6, "a=1"), (7, End) })
            Assert.Null(progress.Take("stdout", Raw(second, line)));
        progress.Resume(); // from second 5 on: the marker is left out
        Assert.Null(progress.Take("stdout", Raw(5, "before")));
        foreach (var (second, line) in new[] { (6, "a=1"), (7, End) })
            Assert.Null(progress.Take("stdout", Raw(second, line)));
        Assert.Equal("behind it", progress.Take("stdout", Raw(8, "behind it"))?.Text);
        Assert.Equal("1", progress.End(Plenty).Outputs["a"]);
    }

    [Fact]
    public void A_marker_of_another_container_is_text() =>
        Assert.NotNull(progress.Take("stdout", Raw(0, "::nightshift-output-begin ba9876543210")));

    [Fact]
    public void A_file_that_breaks_off_is_a_mistake()
    {
        progress.Take("stdout", Raw(0, Begin));
        progress.Take("stdout", Raw(0, "a=1"));
        var messages = progress.End(Plenty);
        Assert.Empty(messages.Outputs);
        Assert.Equal("The file $NIGHTSHIFT_OUTPUT could not be read to its end", messages.Mistake);
    }

    [Fact]
    public void A_log_longer_than_the_engine_keeps_is_warned_about()
    {
        progress.Take("stdout", Raw(0, new string('x', 100)));
        Assert.Null(progress.End(engineKeeps: 1_000).FirstWarning);
        Assert.Contains("may be missing", progress.End(engineKeeps: 100).FirstWarning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_never_reaches_a_line_or_an_output()
    {
        var masked = Progress("hunter2", "hunter2-long", "two\nlines");
        var line = masked.Take("stdout", Raw(0, "::output key=hunter2-long and hunter2"));
        foreach (var text in (string[])[Begin, "pem<<EOF", "a two", "lines b", "EOF", End])
            masked.Take("stdout", Raw(1, text));
        Assert.Equal("::output key=*** and ***", line?.Text);
        Assert.Equal("*** and ***", masked.TaskMessages.Outputs["key"]);
        Assert.Equal("a *** b", masked.TaskMessages.Outputs["pem"]);
    }

    [Fact]
    public void A_secret_does_not_show_its_beginning_where_a_line_was_cut() =>
        Assert.DoesNotContain(
            "hunt",
            new Masker(["hunter2"]).Apply(new RawLine(T0, "password hunter", Cut: true)),
            StringComparison.Ordinal
        );

    // What the database stores must be UTF-8: half an emoji is not.
    [Theory]
    [InlineData("abc")]
    [InlineData("abcd")]
    [InlineData("a secret of many characters")]
    public void What_is_taken_from_a_cut_line_ends_between_characters(string secret)
    {
        var text = string.Concat(Enumerable.Repeat("😀", 16 * 1024));
        var masked = new Masker([secret]).Apply(new RawLine(T0, text, Cut: true));
        Assert.DoesNotContain(masked.EnumerateRunes(), x => x == System.Text.Rune.ReplacementChar);
    }

    [Fact]
    public void Very_short_values_are_no_secrets() =>
        Assert.Equal("a 1 b", new Masker(["1", ""]).Apply(Raw(0, "a 1 b")));
}
