using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Logs;

public sealed class LogProgressTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);
    static readonly Masker NoSecrets = new([]);

    static RawLine Raw(int second, string text) => new(T0.AddSeconds(second), text, Cut: false);

    [Fact]
    public void Lines_are_numbered_across_both_streams()
    {
        var progress = new LogProgress();
        Assert.Equal(new LogLine(1, T0, "stdout", "a"), progress.Take("stdout", Raw(0, "a"), NoSecrets));
        Assert.Equal(new LogLine(2, T0, "stderr", "b"), progress.Take("stderr", Raw(0, "b"), NoSecrets));
    }

    [Fact]
    public void A_log_taken_up_again_leaves_each_line_once_and_goes_on_counting()
    {
        var progress = new LogProgress();
        foreach (
            var line in new LogLine[]
            {
                new(1, T0, "stdout", "::output a=1"),
                new(2, T0.AddSeconds(1), "stdout", "x"),
                new(3, T0.AddSeconds(1), "stderr", "e"),
                new(4, T0.AddSeconds(1), "stdout", "y"),
            }
        )
            progress.Note(line);
        progress.Resume();
        Assert.Equal(T0.AddSeconds(1), progress.Newest);
        Assert.Null(progress.Take("stdout", Raw(1, "x"), NoSecrets));
        Assert.Null(progress.Take("stderr", Raw(1, "e"), NoSecrets));
        Assert.Null(progress.Take("stdout", Raw(1, "y"), NoSecrets));
        Assert.Equal(new LogLine(5, T0.AddSeconds(1), "stdout", "z"), progress.Take("stdout", Raw(1, "z"), NoSecrets));
        Assert.Equal("1", progress.TaskMessages.Outputs["a"]);
    }

    [Fact]
    public void A_log_stops_at_its_limit_with_one_remark_and_outputs_are_still_heard()
    {
        var progress = new LogProgress();
        var big = new string('x', LineAssembler.LongestLine - 1);
        var kept = Enumerable
            .Range(0, 200)
            .Select(i => progress.Take("stdout", Raw(i, big), NoSecrets))
            .OfType<LogLine>()
            .ToList();
        Assert.Equal(LogProgress.MostBytes / LineAssembler.LongestLine + 1, kept.Count);
        Assert.True(kept[^1] is { Stream: LogLine.Ours, Text: "log truncated: it is longer than 10 MiB" });
        Assert.Null(progress.Take("stdout", Raw(300, "::output late=1"), NoSecrets));
        Assert.Equal("1", progress.TaskMessages.Outputs["late"]);

        var again = new LogProgress();
        foreach (var line in kept)
            again.Note(line);
        again.Resume();
        Assert.Null(again.Take("stdout", Raw(301, "more"), NoSecrets));
    }

    [Fact]
    public void A_secret_never_reaches_a_line_or_an_output()
    {
        var progress = new LogProgress();
        var line = progress.Take(
            "stdout",
            Raw(0, "::output key=hunter2-long and hunter2"),
            new Masker(["hunter2", "hunter2-long"])
        );
        Assert.Equal("::output key=*** and ***", line?.Text);
        Assert.Equal("*** and ***", progress.TaskMessages.Outputs["key"]);
    }

    [Fact]
    public void A_secret_does_not_show_its_beginning_where_a_line_was_cut() =>
        Assert.DoesNotContain(
            "hunt",
            new Masker(["hunter2"]).Apply(new RawLine(T0, "password hunter", Cut: true)),
            StringComparison.Ordinal
        );

    [Fact]
    public void Very_short_values_are_no_secrets() =>
        Assert.Equal("a 1 b", new Masker(["1", ""]).Apply(Raw(0, "a 1 b")));
}
