using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Tests.Infrastructure;

public sealed class PortsTests
{
    static readonly Dictionary<string, int> Nothing = [];

    [Fact]
    public void A_first_start_takes_the_usual_ports()
    {
        var plan = Ports.Choose(Nothing, (_, _) => true);

        Assert.All(Ports.All, p => Assert.Equal(p.Usual, plan.Chosen[p.Name]));
        Assert.Empty(plan.Moved);
    }

    [Fact]
    public void A_taken_port_moves_to_the_next_free_one_and_says_so()
    {
        var plan = Ports.Choose(Nothing, (_, port) => port is not (8787 or 8788));

        Assert.Equal(8789, plan.Chosen["gateway"]);
        Assert.Equal(["Port 8787 for gateway is taken; using 8789."], plan.Moved);
    }

    [Fact]
    public void A_later_start_uses_the_ports_of_the_one_before()
    {
        var before = Ports.Choose(Nothing, (_, port) => port != 5432).Chosen;

        Assert.Equal(before, Ports.Choose(before, (_, _) => true).Chosen);
    }

    [Fact]
    public void No_two_parts_share_a_port_even_when_every_usual_one_is_taken()
    {
        var usual = Ports.All.Select(p => p.Usual).ToHashSet();

        var chosen = Ports.Choose(Nothing, (_, port) => !usual.Contains(port)).Chosen;

        Assert.Equal(Ports.All.Count, chosen.Values.Distinct().Count());
    }

    [Fact]
    public void A_remembered_port_stays_its_owners_while_another_looks_for_one()
    {
        var remembered = new Dictionary<string, int> { ["scheduler"] = 8801, ["executor"] = 8802 };

        var chosen = Ports.Choose(remembered, (name, port) => (name, port) != ("scheduler", 8801)).Chosen;

        Assert.Equal(8802, chosen["executor"]);
        Assert.NotEqual(8802, chosen["scheduler"]);
    }

    [Fact]
    public void The_search_goes_on_below_when_nothing_above_is_free() =>
        Assert.InRange(
            Ports.Choose(new Dictionary<string, int> { ["gateway"] = 65535 }, (_, port) => port != 65535).Chosen[
                "gateway"
            ],
            1024,
            65534
        );
}
