using Nightshift.Cli.Client;

namespace Nightshift.Cli.Tests.Client;

public sealed class ColumnsTests
{
    [Fact]
    public void Columns_line_up_and_end_without_spaces() =>
        Assert.Equal(
            "STATE    DAG\nsuccess  hello\nfailed   a\n",
            Columns.Of(
                ["state", "dag"],
                [
                    ["success", "hello"],
                    ["failed", "a"],
                ]
            )
        );

    [Fact]
    public void A_value_cannot_break_its_line_or_steer_the_terminal() =>
        Assert.Equal(
            "WHAT\na b[2Jc\n",
            Columns.Of(
                ["what"],
                [
                    ["a\nb\e[2Jc"],
                ]
            )
        );

    [Fact]
    public void Pairs_without_a_value_are_left_out() =>
        Assert.Equal("A:     1\nLong:  2\n", Columns.Pairs(("A", "1"), ("B", ""), ("Long", "2")));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\e[31mred\e[0m\ttab", "\e[31mred\e[0m\ttab")]
    [InlineData("\e]0;title\a", "]0;title")]
    [InlineData("over\rwritten\b", "overwritten")]
    public void Colours_pass_and_everything_that_moves_does_not(string line, string shown) =>
        Assert.Equal(shown, Terminal.Safe(line));
}
