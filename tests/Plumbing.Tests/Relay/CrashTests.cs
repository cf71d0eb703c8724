using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Relay;
using Nightshift.Plumbing.Replay;
using Nightshift.Testing;
using Npgsql;

namespace Nightshift.Plumbing.Tests.Relay;

/// <summary>
/// commit ──✗── publish ──✗── progress: a process that dies at either cross loses nothing, and nothing is decided
/// twice.
/// </summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test publishes
public sealed class CrashTests
{
    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DeathAt.AfterCommit)]
    [InlineData(DeathAt.AfterPublish)]
    public async Task A_committed_event_is_published_after_a_crash_and_decided_on_once(DeathAt death)
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
            host.Get<MessageRecorder>().Heard.Where(x => x.Tally == $"tally-{tally}").Select(x => x.Id);
        await Eventually.Is(
            _ => Task.FromResult(!host.Get<MessageRecorder>().Published.IsEmpty && Heard().Any()),
            "the event to be published and heard",
            Cancelled
        );

        // under the event's id, again when the process had published it before it died
        Assert.Equal([counted.Id], host.Get<MessageRecorder>().Published);
        Assert.All(Heard(), id => Assert.Equal(counted.Id, id));
        Assert.Single(await host.Read<ReplayStep[]>($"/api/v2/streams/heard-tally-{tally}", Cancelled));
    }

    [Fact]
    public async Task A_killed_writer_that_held_sequence_numbers_holds_up_nobody()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("gap", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        await using var database = NpgsqlDataSource.Create(infrastructure.Postgres);
        using (var probe = await ProbeProcess.Start(infrastructure, DeathAt.BeforeCommit, Cancelled))
        {
            await probe.Count("dead", 1, Cancelled);
            await probe.Died(Cancelled);
        }
        await using var other = await database.OpenConnectionAsync(Cancelled);
        await using var transaction = await other.BeginTransactionAsync(Cancelled); // alive, and in no hurry
        await using (var take = new NpgsqlCommand("select nextval('probe.mt_events_sequence')", other, transaction))
            await take.ExecuteNonQueryAsync(Cancelled);

        // as an instance that dies right after its commit: nobody but the loop can publish it
        await ProbeHost.Append(database, "tally-t", number: 7);
        await host.Heard("t", 1, Cancelled);

        Assert.NotEqual(TimeSpan.Zero, await host.Get<RelayGap>().OldestUnpublished(Cancelled)); // the position waits
        await transaction.RollbackAsync(Cancelled);
        await Eventually.Is(
            async token => await host.Get<RelayGap>().OldestUnpublished(token) == TimeSpan.Zero,
            "the position to pass the gap",
            Cancelled
        );
    }
}
