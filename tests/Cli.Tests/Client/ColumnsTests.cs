using System.Text.Json;
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

    [Theory]
    [InlineData("refs/heads/\e[31mred\e[0m", "refs/heads/[31mred[0m")]
    [InlineData("refs/heads/\u202Eniam", "refs/heads/\uFFFDniam")]
    [InlineData("\u2066a\u2069\u200f", "\uFFFDa\uFFFD\uFFFD")]
    [InlineData("a\u2028b\u0085c\td", "a b cd")]
    public void A_value_shows_what_it_is_and_nothing_else(string value, string shown) =>
        Assert.Equal(shown, Terminal.Value(value));

    [Fact]
    public void Whatever_a_command_writes_is_made_safe()
    {
        var screen = new StringWriter { NewLine = "\n" };
        var writer = new TerminalWriter(screen);
        writer.WriteLine("a\e[2J\u202Eb\e[1mc\n\td");
        writer.Write('\a');
        writer.Write("{0}{1}", "x\e]0;y", 'z');
        Assert.Equal("a[2J\uFFFDb\e[1mc\n\td\nx]0;yz", screen.ToString());
    }

    [Fact]
    public void JSON_keeps_its_values_and_shows_none_of_them_raw()
    {
        var json = JsonSerializer.SerializeToElement("a\u202E\u009bé\e");
        Assert.Equal(@"""a\u202E\u009BÉ\u001B""".ToUpperInvariant(), json.Compact().ToUpperInvariant());
        Assert.Equal(json.GetString(), JsonSerializer.Deserialize<string>(json.Pretty()));
    }

    [Fact]
    public void Pairs_without_a_value_are_left_out() =>
        Assert.Equal("A:     1\nLong:  2\n", Columns.Pairs(("A", "1"), ("B", ""), ("Long", "2")));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\e[31mred\e[0m\ttab", "\e[31mred\e[0m\ttab")]
    [InlineData("\e]0;title\a", "]0;title")]
    [InlineData("over\rwritten\b", "overwritten")]
    [InlineData("right \u202E left", "right \uFFFD left")]
    public void Colours_pass_and_everything_that_moves_does_not(string line, string shown) =>
        Assert.Equal(shown, Terminal.Safe(line));
}
