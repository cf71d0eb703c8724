using Nightshift.Bench;
using Nightshift.Bench.Chaos;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;

namespace Nightshift.EndToEnd.Tests;

/// <summary>A few kills of <c>bench/chaos</c>, which does the same to every part, often, and measures the stalls.</summary>
[Collection("The running system")] // one after the other: one test ends a service that the others use
public sealed class ChaosTests(RunningSystem system)
{
    const string Name = "chaos-";

    [Fact]
    public async Task Whatever_is_under_way_ends_once_and_well_although_executor_scheduler_and_broker_are_killed()
    {
        RunningSystem.RequireEngine();
        var cancellationToken = TestContext.Current.CancellationToken;
        var home = Home.Find();
        var addresses = ServiceProcesses.AddressesOf(home.Root);
        var credentials = Credentials.Load(home)!;
        using var gateway = new GatewayClient(
            credentials.Url,
            credentials.Token,
            new Secrets(home.Secrets).Get(Secrets.GitHubWebhookSecret)
        );
        var load = new Load(gateway);
        await ChaosDags.Write(system.Dags, cancellationToken);
        await Readiness.Await(gateway, load, cancellationToken);

        var kills = new List<Disturbance>();
        foreach (var part in (string[])["executor", "scheduler", "rabbitmq"])
        {
            var ended = await UnderWay(load, cancellationToken);
            kills.Add(new(part, TimeProvider.System.GetUtcNow()));
            Assert.True(PartProcesses.Kill(new PartProcesses(home).Of(part)!));
            await ended;
        }

        var reader = new EventReader(addresses.Postgres);
        await Drain.Await(reader, load, TimeProvider.System, cancellationToken);
        var seen = new Observation(
            kills,
            load.Runs,
            load.Deliveries,
            [.. (await reader.Read(cancellationToken)).Where(IsOfLoad)],
            TimeProvider.System.GetUtcNow()
        );
        Assert.Empty(StreamChecker.Violations(seen));
        Assert.Empty(await Leftovers.OnEngine(addresses.Docker, Name, TimeProvider.System, cancellationToken));
        RunningSystem.Say(
            $"the longest stall of {seen.Runs.Count} runs under {kills.Count} kills was {StreamChecker.Stalls(seen).Max(x => x.Length).TotalSeconds:0.0} s"
        );
    }

    /// <summary>Returns once a container runs and chains have begun.</summary>
    /// <returns>Ends with all of them.</returns>
    async Task<Task> UnderWay(Load load, CancellationToken cancellationToken)
    {
        var containers = await load.Begin(ChaosDags.Containers, 1, cancellationToken);
        await system.Await(
            $"api/v2/dags/{ChaosDags.Containers.Dag}/dagRuns/{containers[0]}/taskInstances/{ChaosDags.Containers.Tasks[0]}",
            x => x.GetProperty("state").GetString() == "running",
            cancellationToken
        );
        var delivery = load.Deliver(Guid.NewGuid(), cancellationToken);
        var chains = await load.Begin(ChaosDags.Chain, 5, cancellationToken);
        return Task.WhenAll(
            delivery,
            load.End(ChaosDags.Chain, chains, cancellationToken),
            load.End(ChaosDags.Containers, containers, cancellationToken)
        );
    }

    // Other tests raise incidents on purpose.
    static bool IsOfLoad(RecordedEvent e) =>
        !e.Stream.StartsWith("incident-", StringComparison.Ordinal)
        || e.Stream.Contains(Name, StringComparison.Ordinal);
}
