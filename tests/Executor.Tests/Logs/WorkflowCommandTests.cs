using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Tests.Logs;

public sealed class WorkflowCommandTests
{
    [Theory]
    [InlineData("::output rows=42", "rows", "42")]
    [InlineData("::output a-b_c=", "a-b_c", "")]
    [InlineData("::output json={\"a\": [1, 2], \"b\": \"x=y\"}", "json", "{\"a\": [1, 2], \"b\": \"x=y\"}")]
    [InlineData("::output _x= y ", "_x", " y ")]
    public void An_output_has_a_name_and_everything_behind_the_first_equals_sign(
        string line,
        string name,
        string value
    ) => Assert.Equal(new WorkflowCommand.Output(name, value), WorkflowCommand.Parse(line));

    [Theory]
    [InlineData("::warning disk is filling up", "disk is filling up")]
    public void A_warning_is_the_rest_of_the_line(string line, string text) =>
        Assert.Equal(new WorkflowCommand.Warning(text), WorkflowCommand.Parse(line));

    [Theory]
    [InlineData("::progress 0", 0)]
    [InlineData("::progress 100", 100)]
    public void Progress_is_a_percentage(string line, int percent) =>
        Assert.Equal(new WorkflowCommand.Progress(percent), WorkflowCommand.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("::")]
    [InlineData(":: output a=b")]
    [InlineData(" ::output a=b")]
    [InlineData("::output a")]
    [InlineData("::output =b")]
    [InlineData("::output 1a=b")]
    [InlineData("::output a b=c")]
    [InlineData("::output")]
    [InlineData("::warning  ")]
    [InlineData("::progress 101")]
    [InlineData("::progress -1")]
    [InlineData("::progress many")]
    [InlineData("::unknown a=b")]
    public void Anything_else_is_an_ordinary_line(string line) => Assert.Null(WorkflowCommand.Parse(line));

    [Fact]
    public void The_last_value_of_an_output_counts() =>
        Assert.Equal("2", Hear("::output a=1", "::output a=2").Outputs["a"]);

    [Fact]
    public void A_65th_output_is_a_mistake_that_names_it_and_the_limit()
    {
        var messages = Hear([.. Enumerable.Range(0, 65).Select(i => $"::output a{i}=x"), "::output a1=y"]);
        Assert.Equal(64, messages.Outputs.Count);
        Assert.Equal("y", messages.Outputs["a1"]);
        Assert.Equal("The output 'a64' is one too many; the limit is 64 outputs", messages.Mistake);
    }

    [Theory]
    [InlineData('x', 32 * 1024)]
    [InlineData('é', 16 * 1024)]
    public void An_output_of_32_KiB_is_kept_and_a_longer_one_is_a_mistake(char letter, int most)
    {
        Assert.Null(Hear("::output a=" + new string(letter, most)).Mistake);
        var messages = Hear(
            "::output big=" + new string(letter, most + 1),
            "::output other=" + new string('y', 99_999)
        );
        Assert.Empty(messages.Outputs);
        Assert.StartsWith("The output 'big' has 32,7", messages.Mistake, StringComparison.Ordinal);
        Assert.EndsWith("the limit is 32 KiB (32,768 bytes)", messages.Mistake, StringComparison.Ordinal);
    }

    static TaskMessages Hear(params string[] lines) =>
        lines.Aggregate(TaskMessages.Nothing, (messages, line) => messages.Hear(line));
}
