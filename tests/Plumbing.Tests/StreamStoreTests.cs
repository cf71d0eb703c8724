using Nightshift.Plumbing.Probe;
using Nightshift.Plumbing.Replay;
using Nightshift.Plumbing.Streams;
using Nightshift.Testing;

namespace Nightshift.Plumbing.Tests;

/// <summary>Two instances of one service, A and B, on one database.</summary>
[Collection("one broker, one queue")] // a host of one test must not hear what another test tells
public sealed class StreamStoreTests
{
    static readonly DateTimeOffset T0 = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Racing_instances_decide_every_command_once_and_tell_every_event()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("race", Cancelled);
        await using var a = await ProbeHost.Start(infrastructure, Cancelled);
        await using var b = await ProbeHost.Start(infrastructure, Cancelled);
        const string tally = "t";

        var both = from number in Enumerable.Range(1, 50) from host in new[] { a, b } select Count(host, tally, number);
        await Task.WhenAll(both);

        var steps = await a.Read<ReplayStep[]>($"/api/v2/streams/tally-{tally}", Cancelled);
        Assert.Equal(50, steps!.Length);
        await a.Heard(tally, 50, Cancelled);
        Assert.Equal(50, (await b.Read<ReplayStep[]>($"/api/v2/streams/heard-tally-{tally}", Cancelled))!.Length);
    }

    [Fact]
    public async Task Nothing_to_do_is_never_concluded_from_a_state_another_instance_has_moved_past()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("stale", Cancelled);
        await using var a = await ProbeHost.Start(infrastructure, Cancelled);
        await using var b = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(a, "t", 1);
        await Count(b, "t", 2); // A's memory does not know

        // Counts 3 only once 2 has been counted: on A's old state this decides nothing.
        var committed = await a.Tallies.Transact(
            "t",
            tally => tally.Numbers.Contains(2) ? Tally.Count(tally, 3, T0) : [],
            Cancelled
        );

        Assert.Single(committed.Events);
    }

    [Fact]
    public async Task A_refusal_reaches_its_caller_only()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("refusal", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        var refused = host.Tallies.Transact("t", _ => throw new RejectedException("invalid_number", "no"), Cancelled);
        var counted = Enumerable.Range(1, 10).Select(number => Count(host, "t", number)).ToList();

        await Task.WhenAll(counted);

        Assert.Equal("invalid_number", (await Assert.ThrowsAsync<RejectedException>(() => refused)).Code);
        Assert.Equal(10, (await host.Tallies.Load("t", Cancelled)).Version);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_that_rests_on_events_that_were_not_saved_is_decided_again(bool refuses)
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("unsaved", Cancelled);
        await using var host = await ProbeHost.Start(infrastructure, Cancelled);
        using var queued = new ManualResetEventSlim();
        // While this decision holds the lane, the other two gather for one transaction.
        var blocking = host.Tallies.Transact("first", x => Wait(queued, x), Cancelled);
        var unsaved = host.Tallies.Transact(
            "t",
            x => Tally.Count(x, 7, T0),
            Cancelled,
            alongside: () => [new("select 1 / 0")]
        );
        var resting = host.Tallies.Transact("t", x => CountOnce(x, 7, refuses), Cancelled);
        queued.Set();
        await blocking;

        await Assert.ThrowsAnyAsync<Exception>(() => unsaved);
        Assert.Single((await resting).Events);
        Assert.Equal([7], (await host.Tallies.Load("t", Cancelled)).State.Numbers);
    }

    [Fact]
    public async Task A_stream_expected_to_be_new_that_exists_is_decided_on_as_it_is()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("expected", Cancelled);
        await using var a = await ProbeHost.Start(infrastructure, Cancelled);
        await using var b = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(a, "old", 1);
        using var queued = new ManualResetEventSlim();
        // While this decision holds the lane, the others gather for one transaction.
        var blocking = b.Tallies.Transact("first", x => Wait(queued, x), Cancelled);
        var again = b.Tallies.Transact("old", x => Tally.Count(x, 1, T0), Cancelled, expectNew: true);
        var more = b.Tallies.Transact("old", x => Tally.Count(x, 2, T0), Cancelled, expectNew: true);
        var other = b.Tallies.Transact("new", x => Tally.Count(x, 1, T0), Cancelled, expectNew: true);
        queued.Set();
        await blocking;

        Assert.Equal((0, 1, 1), ((await again).Events.Count, (await more).Events.Count, (await other).Events.Count));
        Assert.Equal([1, 2], (await b.Tallies.Load("old", Cancelled)).State.Numbers);
    }

    [Fact]
    public async Task Nothing_to_do_is_never_concluded_from_the_expectation_that_a_stream_is_new()
    {
        using var infrastructure = await ProbeHost.TestInfrastructure("nothing", Cancelled);
        await using var a = await ProbeHost.Start(infrastructure, Cancelled);
        await using var b = await ProbeHost.Start(infrastructure, Cancelled);
        await Count(a, "t", 1);

        var committed = await b.Tallies.Transact(
            "t",
            tally => tally.Numbers.Contains(1) ? Tally.Count(tally, 2, T0) : [],
            Cancelled,
            expectNew: true
        );

        Assert.Single(committed.Events);
    }

    static IReadOnlyList<object> Wait(ManualResetEventSlim signal, Tally tally)
    {
        signal.Wait(Cancelled);
        return Tally.Count(tally, 1, T0);
    }

    static IReadOnlyList<object> CountOnce(Tally tally, int number, bool refuses) =>
        refuses && tally.Numbers.Contains(number)
            ? throw new RejectedException("counted", $"{number} has been counted")
            : Tally.Count(tally, number, T0);

    static Task Count(RunningService host, string tally, int number) =>
        host.Tallies.Transact(tally, x => Tally.Count(x, number, T0), Cancelled);
}
