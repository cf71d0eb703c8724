using FsCheck;
using FsCheck.Xunit;
using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Logs;

public sealed class OutputFileTests
{
    static readonly Masker NoSecrets = new([]);

    static TaskMessages Read(params IEnumerable<string> lines)
    {
        var file = new OutputFile("c");
        Assert.Equal("", file.Begin(OutputFile.BeginMarker + "c"));
        foreach (var line in lines)
            Assert.True(file.Take(line));
        return file.Close(TaskMessages.Nothing, NoSecrets, whole: true);
    }

    public static TheoryData<string[], string, string> Values =>
        new()
        {
            { ["a=1"], "a", "1" },
            { ["a="], "a", "" },
            { ["a=b=c << d"], "a", "b=c << d" },
            { ["", "a={\"x\": 1}", ""], "a", "{\"x\": 1}" },
            { ["a<<EOF", "one", "two", "EOF"], "a", "one\ntwo" },
            { ["a<<EOF", "EOF"], "a", "" },
            { ["a<<EOF", "b=1", " EOF", "EOF "], "", "" }, // the delimiter stands alone on its line
            { ["a<<x=y", "1", "x=y"], "a", "1" },
            { ["a=1", "a<<-", "2", "-"], "a", "2" }, // the last one counts
        };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_a_line_or_stands_between_delimiters(string[] lines, string name, string value)
    {
        var messages = Read(lines);
        if (name.Length == 0)
            Assert.NotNull(messages.Mistake);
        else
            Assert.Equal(value, messages.Outputs[name]);
    }

    [Theory]
    [InlineData("just text", "Line 1 of $NIGHTSHIFT_OUTPUT is neither name=value nor name<<DELIMITER")]
    [InlineData("?", "Line 1 of $NIGHTSHIFT_OUTPUT")] // what stands there when the file cannot be read
    [InlineData("=1", "Line 1 of $NIGHTSHIFT_OUTPUT")]
    [InlineData("1a=1", "Line 1 of $NIGHTSHIFT_OUTPUT")]
    [InlineData("a b=1", "Line 1 of $NIGHTSHIFT_OUTPUT")]
    [InlineData("a<<EOF", "The output 'a' on line 1 of $NIGHTSHIFT_OUTPUT has no delimiter at its end")]
    [InlineData("a<<", "The output 'a' on line 1 of $NIGHTSHIFT_OUTPUT has no delimiter at its end")]
    public void Anything_else_is_a_mistake_with_its_line(string line, string mistake) =>
        Assert.StartsWith(mistake, Read(line).Mistake, StringComparison.Ordinal);

    [Fact]
    public void The_limits_are_those_of_printed_outputs()
    {
        Assert.Contains(
            "'a64' is one too many",
            Read(Enumerable.Range(0, 65).Select(i => $"a{i}=1")).Mistake!,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'a' has 32,769 bytes",
            Read("a<<E", new string('x', 32_768), "", "E").Mistake!,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_without_end_is_held_in_bounded_memory() =>
        Assert.Contains(
            "is longer than",
            Read(Enumerable.Repeat("a=" + new string('x', 30_000), 1_000)).Mistake!,
            StringComparison.Ordinal
        );

    [Property]
    public bool Whatever_is_in_the_file_it_is_read_or_refused(string?[] lines)
    {
        var read = Read(lines.Select(x => (x ?? "").Replace('\n', ' ')));
        return read.Outputs.Count <= TaskMessages.MostOutputs;
    }
}
