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
        var tally = Guid.NewGuid().ToString("N");
        for (var number = 1; number <= 3; number++)
        {
            using var probe = await ProbeProcess.Start(surroundings, death, Cancelled);
            await probe.Count(tally, number, Cancelled);
            await probe.Died(Cancelled);
        }

        await using var host = await ProbeHost.Start(surroundings, Cancelled);
        await host.Heard(tally, 3, Cancelled);
        await host.Tallies.Transact(tally, x => Tally.Count(x, 1, DateTimeOffset.UnixEpoch), Cancelled); // whoever repeats the request after the crash changes nothing

        var counted = await host.Read<ReplayStep[]>($"/api/v2/streams/tally-{tally}", Cancelled);
        var heard = await host.Read<ReplayStep[]>($"/api/v2/streams/heard-tally-{tally}", Cancelled);
        Assert.Equal(3, counted!.Length);
        Assert.Equal(3, heard!.Length);
        Assert.All(counted, step => Assert.All(host.Get<Deliveries>().Ids.GetValueOrDefault(($"tally-{tally}", (int)step.Version)) ?? [], id => Assert.Equal(step.Id, id)));
    }
}
