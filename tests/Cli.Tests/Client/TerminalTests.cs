using Nightshift.Cli.Client;

namespace Nightshift.Cli.Tests.Client;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("short", 5, "short")]
    [InlineData("longer", 5, "long…")]
    [InlineData("abc😀def", 5, "abc…")] // not through the pair
    [InlineData("abc😀def", 6, "abc😀…")]
    public void An_excerpt_is_cut_between_characters(string text, int most, string excerpt) =>
        Assert.Equal(excerpt, Terminal.Excerpt(text, most));
}
