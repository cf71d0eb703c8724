using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Replay;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests;

/// <summary>
/// commit ──✗── publish ──✗── progress: a process that dies at either cross loses nothing, and nothing is decided
/// twice.
/// </summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test tells
public sealed class CrashTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DeathAt.AfterCommit)]
    [InlineData(DeathAt.AfterPublish)]
    public async Task A_committed_event_is_told_after_a_crash_and_decided_on_once(DeathAt death)
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("crash", Cancelled);
        const string tally = "t";
        using (var probe = await ProbeProcess.Start(infrastructure, death, Cancelled))
        {
            await probe.Count(tally, 7, Cancelled);
            await probe.Died(Cancelled);
        }

        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        // whoever repeats the request after the crash changes nothing
        await host.Tallies.Transact(tally, x => Tally.Count(x, 7, DateTimeOffset.UnixEpoch), Cancelled);
        await host.Heard(tally, 1, Cancelled);
        var counted = Assert.Single(await host.Read<ReplayStep[]>($"/api/v2/streams/tally-{tally}", Cancelled));
        IEnumerable<Guid> Heard() =>
            host.Get<Messages>().Heard.Where(x => x.Tally == $"tally-{tally}").Select(x => x.Id);
        await Eventually.Is(
            _ => Task.FromResult(!host.Get<Messages>().Told.IsEmpty && Heard().Any()),
            "the event to be told and heard",
            Cancelled
        );

        // under the event's id, again when the process had told it before it died
        Assert.Equal([counted.Id], host.Get<Messages>().Told);
        Assert.All(Heard(), id => Assert.Equal(counted.Id, id));
        Assert.Single(await host.Read<ReplayStep[]>($"/api/v2/streams/heard-tally-{tally}", Cancelled));
    }

    [Fact]
    public async Task A_hole_that_a_crash_of_the_database_left_does_not_hold_up_the_relay_for_ever()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("hole", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        await using var other = await database.OpenConnectionAsync(Cancelled);
        await using var transaction = await other.BeginTransactionAsync(Cancelled);
        // as another service's leader does, all its life
        await using var sleep = new NpgsqlCommand("select pg_sleep(600)", other, transaction) { CommandTimeout = 0 };
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var sleeping = sleep.ExecuteNonQueryAsync(enough.Token);

        await using (
            var hole = database.CreateCommand("select nextval('probe.mt_events_sequence') from generate_series(1, 29)")
        )
            await hole.ExecuteNonQueryAsync(Cancelled);
        await host.Tallies.Transact("t", x => Tally.Count(x, 7, DateTimeOffset.UnixEpoch), Cancelled);

        await Eventually.Is(
            async token => await host.Get<RelayGap>().OldestUntold(token) == TimeSpan.Zero,
            "the relay to pass the hole",
            Cancelled
        );
        Assert.False(sleeping.IsCompleted);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleeping);
    }
}
