using Nightshift.Escalation.Incidents;

namespace Nightshift.Escalation.Tests.Incidents;

public sealed class IncidentStatusTests
{
    static IncidentRow Row(string state, int tier) =>
        new("incident-x", "x", state, 1, tier, 3, "s", "w", "x", 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    [Fact]
    public void Nothing_open_is_quiet() => Assert.Equal("Quiet", IncidentStatus.Words([]));

    [Fact]
    public void Open_incidents_show_the_highest_tier() =>
        Assert.Equal("2 open, tier 2", IncidentStatus.Words([Row("open", 1), Row("open", 2)]));

    [Fact]
    public void Acknowledged_ones_are_counted_apart() =>
        Assert.Equal(
            "1 open, tier 1, 2 acknowledged",
            IncidentStatus.Words([Row("open", 1), Row("acknowledged", 3), Row("acknowledged", 2)])
        );

    [Fact]
    public void When_all_are_taken_on_no_tier_shows() =>
        Assert.Equal("1 acknowledged", IncidentStatus.Words([Row("acknowledged", 3)]));
}
