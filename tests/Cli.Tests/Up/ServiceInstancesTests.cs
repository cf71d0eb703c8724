using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Tests.Up;

public sealed class ServiceInstancesTests
{
    static ServiceInstances Two =>
        ServiceInstances.Read(x => x is "NIGHTSHIFT_SCHEDULERS" or "NIGHTSHIFT_EXECUTORS" ? "2" : null);

    [Fact]
    public void There_is_one_of_each_service_unless_more_are_asked_for()
    {
        Assert.Equal(Services.Names, ServiceInstances.Read(_ => null).All.Select(x => x.Name));
        Assert.Equal(
            ["scheduler", "scheduler-2", "executor", "executor-2", "webhooks", "healer", "escalation", "gateway"],
            Two.All.Select(x => x.Name)
        );
        Assert.Equal([("scheduler-2", 8811), ("executor-2", 8812)], Two.FurtherPorts);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("9")]
    [InlineData("two")]
    [InlineData("-1")]
    public void A_number_out_of_range_is_refused_with_what_to_write(string text)
    {
        var refused = Assert.Throws<ProblemException>(() =>
            ServiceInstances.Read(x => x == "NIGHTSHIFT_EXECUTORS" ? text : null)
        );
        Assert.Equal($"NIGHTSHIFT_EXECUTORS is '{text}'; write a number from 1 to 8.", refused.Message);
    }

    [Fact]
    public void Further_ones_have_ports_of_their_own_prepare_nothing_and_are_known_to_the_gateway()
    {
        var ports = Ports.Choose(new Dictionary<string, int>(), (_, _) => true, Two.FurtherPorts).Chosen;
        var endpoints = new Endpoints("Host=db", "amqp://me@broker/", "unix:///docker.sock", new Secrets("/none"));
        var folder = Directory.CreateTempSubdirectory("nightshift-instances-").FullName;
        var home = new Home(folder, folder, folder);
        var services = Services.Describe(home, ports, endpoints, Two, migrate: true).ToList();

        Assert.Equal(["scheduler", "scheduler-2"], services[0].Select(x => x.Name));
        Assert.Equal(["true", "false"], services[0].Select(x => x.UntilReady["Nightshift__MigrateOnStart"]));
        Assert.Equal([8801, 8811], services[0].Select(x => Assert.Single(x.Ports)));
        Assert.All(
            services[0],
            x => Assert.EndsWith("Nightshift.Scheduler.dll", x.Command[1], StringComparison.Ordinal)
        );
        var gateway = Assert.Single(services[^1]);
        Assert.Equal(
            "http://127.0.0.1:8801;http://127.0.0.1:8811",
            gateway.Environment["Nightshift__Services__Scheduler"]
        );
        Directory.Delete(folder, recursive: true);
    }
}
