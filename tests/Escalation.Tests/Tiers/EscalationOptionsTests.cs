using Microsoft.Extensions.Configuration;
using Nightshift.Escalation.Tiers;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Escalation.Tests.Tiers;

public sealed class EscalationOptionsTests
{
    static EscalationOptions Bind(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(x => $"Escalation:{x.Key}", x => (string?)x.Value))
            .Build()
            .GetSection("Escalation")
            .Get<EscalationOptions>()
        ?? new();

    static string Mistake(params (string Key, string Value)[] settings) =>
        Assert.Single(
            Assert
                .Throws<Microsoft.Extensions.Options.OptionsValidationException>(() =>
                    OptionsCheck.Require(Bind(settings))
                )
                .Failures
        );

    [Fact]
    public void Without_settings_there_are_three_tiers() =>
        Assert.Equal([0, 5, 15], Bind().Effective.Select(x => x.After.TotalMinutes));

    [Fact]
    public void The_usual_tiers_run_the_command_only_when_there_is_one()
    {
        Assert.DoesNotContain(Bind().Effective, x => x.Channels.Contains("command"));
        Assert.Equal(
            [false, true, true],
            Bind(("Command:0", "/bin/true")).Effective.Select(x => x.Channels.Contains("command"))
        );
    }

    [Fact]
    public void Configured_tiers_replace_the_usual_ones()
    {
        var tier = Assert.Single(
            OptionsCheck.Require(Bind(("Tiers:0:After", "00:00:07"), ("Tiers:0:Channels:0", "log"))).Effective
        );
        Assert.Equal((TimeSpan.FromSeconds(7), "log"), (tier.After, Assert.Single(tier.Channels)));
    }

    [Fact]
    public void A_tier_without_a_channel_is_refused() =>
        Assert.Equal(
            "Escalation:Tiers:0:Channels is empty; name at least one of log, status, command",
            Mistake(("Tiers:0:After", "00:00:07"))
        );

    [Theory]
    [InlineData("-00:00:01")]
    [InlineData("30.00:00:01")]
    public void A_delay_out_of_range_is_refused(string after) =>
        Assert.StartsWith(
            "Escalation:Tiers:1:After is",
            Mistake(("Tiers:0:Channels:0", "log"), ("Tiers:1:Channels:0", "log"), ("Tiers:1:After", after))
        );

    [Fact]
    public void An_unknown_channel_is_refused() =>
        Assert.Equal(
            "Escalation:Tiers:0:Channels names 'pager'; there are log, status, command",
            Mistake(("Tiers:0:Channels:0", "pager"))
        );

    [Fact]
    public void A_channel_named_twice_is_refused() =>
        Assert.Equal(
            "Escalation:Tiers:0:Channels names a channel twice",
            Mistake(("Tiers:0:Channels:0", "log"), ("Tiers:0:Channels:1", "log"))
        );

    [Fact]
    public void The_command_channel_needs_a_command() =>
        Assert.Equal(
            "Escalation:Tiers:0:Channels names 'command', but Escalation:Command is not set",
            Mistake(("Tiers:0:Channels:0", "command"))
        );

    [Fact]
    public void A_command_is_an_absolute_path() =>
        Assert.StartsWith("Escalation:Command:0 is 'wall'", Mistake(("Command:0", "wall")));

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("01:00:00")]
    public void A_command_may_take_a_while_but_not_for_ever(string timeout) =>
        Assert.Equal(
            "Escalation:CommandTimeout must be a time from 00:00:01 to 00:05:00",
            Mistake(("CommandTimeout", timeout))
        );

    [Fact]
    public void More_tiers_than_make_sense_are_refused() =>
        Assert.StartsWith(
            "Escalation:Tiers has 10 entries",
            Mistake([.. Enumerable.Range(0, 10).Select(x => ($"Tiers:{x}:Channels:0", "log"))])
        );
}
