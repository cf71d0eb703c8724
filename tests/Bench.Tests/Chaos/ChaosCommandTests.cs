using Nightshift.Bench.Chaos;

namespace Nightshift.Bench.Tests.Chaos;

public sealed class ChaosCommandTests
{
    [Theory]
    [InlineData("--parts", "executor,printer")]
    [InlineData("--kills", "0")]
    [InlineData("--kills", "many")]
    [InlineData("--kills", "101")]
    [InlineData("--minutes", "241")]
    [InlineData("--seed", "one")]
    public async Task A_wrong_option_starts_nothing(params string[] arguments) =>
        Assert.Equal(2, await ChaosCommand.Run("/nowhere", arguments));
}
