using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Replay;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>
/// commit ──✗── publish ──✗── progress: a process that dies at either cross loses nothing, and nothing is decided twice.
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
        using var surroundings = await Surroundings.Prepare("crash", Cancelled);
        using (var probe = await ProbeProcess.Start(surroundings, death, Cancelled))
        {
            await probe.Count("t", 7, Cancelled);
            await probe.Died(Cancelled);
        }

        await using var host = await ProbeHost.Start(surroundings, Cancelled);
        await host.Tallies.Transact("t", x => Tally.Count(x, 7, DateTimeOffset.UnixEpoch), Cancelled); // whoever repeats the request after the crash changes nothing
        await host.Heard("t", 1, Cancelled);
        var counted = Assert.Single(await host.Read<ReplayStep[]>("/api/v2/streams/tally-t", Cancelled));
        await Eventually.Is(_ => Task.FromResult(host.Get<Messages>() is { Told.IsEmpty: false, Heard.IsEmpty: false }), "the event to be told and heard", Cancelled);

        Assert.Equal([counted.Id], host.Get<Messages>().Told); // under the event's id, again when the process had told it before it died
        Assert.All(host.Get<Messages>().Heard, id => Assert.Equal(counted.Id, id));
        Assert.Single(await host.Read<ReplayStep[]>("/api/v2/streams/heard-tally-t", Cancelled));
    }
}
