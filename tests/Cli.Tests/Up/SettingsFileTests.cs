using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Up;

public sealed class SettingsFileTests
{
    [Fact]
    public void Settings_are_read_past_comments_and_empty_lines() =>
        Assert.Equal(
            [("Executor__Slots", "4"), ("NIGHTSHIFT_POSTGRES", "Host=db;Password=a=b")],
            SettingsFile.Parse(
                "x",
                ["# slots", "", "Executor__Slots=4", "  NIGHTSHIFT_POSTGRES=Host=db;Password=a=b  "]
            )
        );

    [Theory]
    [InlineData("Executor__Slots")]
    [InlineData("=4")]
    [InlineData("export A=4")]
    public void A_line_that_is_no_setting_is_named_with_its_number(string line) =>
        Assert.StartsWith(
            "settings.env, line 2:",
            Assert.Throws<ProblemException>(() => SettingsFile.Parse("settings.env", ["A=1", line])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_example_says_nothing_unless_edited()
    {
        var path = Path.Combine(Home.Find().Checkout, "settings.example.env");
        Assert.Empty(SettingsFile.Parse(path, File.ReadAllLines(path)));
    }

    [Fact]
    public void Every_line_of_the_example_becomes_a_setting_when_its_mark_is_taken_away()
    {
        var path = Path.Combine(Home.Find().Checkout, "settings.example.env");
        var settings = File.ReadAllLines(path)
            .Where(line => line.StartsWith('#') && !line.StartsWith("# ", StringComparison.Ordinal))
            .Select(line => line[1..]);
        Assert.All(settings, line => Assert.Single(SettingsFile.Parse(path, [line])));
    }
}
