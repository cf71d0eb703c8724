using Nightshift.Bench.History;

namespace Nightshift.Bench.Tests.History;

public sealed class HistoryCommandTests
{
    [Theory]
    [InlineData("--tasks", "99999")]
    [InlineData("--tasks", "10000001")]
    [InlineData("--tasks", "many")]
    [InlineData("--rounds", "0")]
    [InlineData("--minutes", "3")]
    public async Task A_wrong_command_line_starts_nothing(params string[] arguments) =>
        Assert.Equal(2, await HistoryCommand.Run("/nowhere", arguments));
}
