using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>Two instances of one service: one loop for both, whoever commits.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class InstancesTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_position_passes_what_the_other_instance_has_published_and_the_other_takes_over()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("instances", Cancelled);
        await using var other = await ProbeHost.Start(infrastructure, Cancelled);
        await using (var leader = await ProbeHost.Start(infrastructure, Cancelled))
        {
            await Count(leader, 1);
            await Count(other, 2);
            await other.Heard("t", 2, Cancelled);
            await Settled(other);
        }
        await Count(other, 3);
        await other.Heard("t", 3, Cancelled);
        await Settled(other);
    }

    [Fact]
    public async Task An_event_that_nobody_published_is_published_although_the_leader_stands_still()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("stopped", Cancelled);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var leader = await database.OpenConnectionAsync(Cancelled); // as a stopped process keeps its lock
        await using (var take = new NpgsqlCommand("select pg_advisory_lock(hashtextextended(@name, 0))", leader))
        {
            take.Parameters.AddWithValue("name", RelayConnection.Channel("probe"));
            await take.ExecuteNonQueryAsync(Cancelled);
        }
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);

        await ProbeHost.Append(database, "tally-t", number: 7);

        await host.Heard("t", 1, Cancelled);
        await Settled(host);
    }

    static Task Count(RunningService host, int number) =>
        host.Tallies.Transact("t", _ => [new Counted(number, T0)], Cancelled);

    static Task Settled(RunningService host) =>
        Eventually.Is(
            async token => await host.Get<RelayGap>().OldestUnpublished(token) == TimeSpan.Zero,
            "the position to reach the end of the log",
            Cancelled
        );
}
