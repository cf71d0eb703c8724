using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Watch;
using Nightshift.Testing;

namespace Nightshift.Executor.Tests.Watch;

public sealed class StopRequestTests
{
    static readonly DateTimeOffset T0 = new(2026, 1, 31, 9, 0, 0, TimeSpan.Zero);

    // It started at 0 and ended at 1000 seconds.
    static ContainerFacts Ended(string? stopSignal = null, bool oom = false) =>
        new(
            "c1",
            "web",
            "nginx",
            ImmutableDictionary<string, string>.Empty,
            "exited",
            T0,
            T0.AddSeconds(1000),
            0,
            oom,
            "",
            Health: null
        )
        {
            StopSignal = stopSignal,
        };

    static EngineEvent Event(string action, double at, string? signal = null, string id = "c1") =>
        new("web", action, T0.AddSeconds(at)) { Id = id, Signal = signal };

    // engine 20.10:   kill 15 ── die ── stop       kill 9 ── die       die alone: it ended by itself
    [Theory]
    [InlineData("15", 999.5, null, true)] // docker stop, docker kill -s TERM
    [InlineData("9", 1000.3, null, true)] // docker kill: the event is written after the end it caused
    [InlineData("2", 999, null, true)]
    [InlineData("3", 999, null, true)]
    [InlineData("28", 999, "SIGWINCH", true)] // the stop signal of some web servers
    [InlineData("28", 999, null, false)]
    [InlineData("28", 999, "28", true)]
    [InlineData("37", 999, "SIGRTMIN+3", true)] // that of systemd
    [InlineData("63", 999, "RTMAX-1", true)]
    [InlineData("1", 999, null, false)] // asks for a reload
    [InlineData("10", 999, null, false)] // whatever it means there
    [InlineData("10", 999, "SIGNOSUCH", false)]
    [InlineData("15", 300, null, false)] // too long ago to be what ended it
    [InlineData("15", 401, null, true)] // docker stop -t 600
    [InlineData("15", -5, null, false)] // ended the start before this one
    [InlineData("15", 1010, null, false)] // came after the end
    public void A_signal_by_the_API_asks_for_an_end_when_it_may_have_caused_it(
        string signal,
        double at,
        string? stopSignal,
        bool asked
    ) =>
        Assert.Equal(
            asked ? new StopRequest(signal, T0.AddSeconds(at)) : null,
            StopRequest.Of(Ended(stopSignal), [Event("kill", at, signal)])
        );

    [Fact]
    public void A_finished_stop_asks_for_it_whatever_the_signal() =>
        Assert.Equal(
            new StopRequest(null, T0.AddSeconds(1000.2)),
            StopRequest.Of(Ended(), [Event("kill", 300, "44"), Event("die", 1000), Event("stop", 1000.2)])
        );

    [Fact]
    public void An_end_alone_was_not_asked_for() => Assert.Null(StopRequest.Of(Ended(), [Event("die", 1000)]));

    [Fact]
    public void Where_nothing_was_heard_nobody_asked() => Assert.Null(StopRequest.Of(Ended(), []));

    [Fact]
    public void One_that_ran_out_of_memory_has_failed_whoever_asked() =>
        Assert.Null(StopRequest.Of(Ended(oom: true), [Event("kill", 999, "15")]));

    [Fact]
    public void A_container_has_its_own_events_only_and_the_latest_of_them()
    {
        var log = new ContainerEventLog(TimeProvider.System);
        log.Add(Event("kill", 1, "15", id: "c0")); // had the same name before
        for (var i = 0; i < 100; i++)
            log.Add(Event("kill", i, "10"));
        log.Add(Event("start", 200));
        log.Add(Event("die", 201));
        log.Add(Event("die", 201)); // the engine was asked twice
        var kept = log.Of(Ended()).ToList();
        Assert.InRange(kept.Count, 2, 16);
        Assert.Equal(Event("die", 201), kept[^1]);
        Assert.Equal(Event("kill", 99, "10"), kept[^2]);
        log.Forget("web");
        Assert.Empty(log.Of(Ended()));
    }

    [Fact]
    public async Task An_end_waits_for_the_event_that_announces_it()
    {
        var clock = new FakeTimeProvider(T0.AddSeconds(1000));
        var log = new ContainerEventLog(clock);
        var announced = log.EndAnnounced(Ended(), TestContext.Current.CancellationToken);
        log.Add(Event("kill", 999, "15"));
        Assert.False(announced.IsCompleted);
        log.Add(Event("die", 1000));
        await announced.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_end_nothing_announces_is_not_waited_for_long()
    {
        var clock = new FakeTimeProvider(T0.AddSeconds(1000));
        var log = new ContainerEventLog(clock);
        var announced = log.EndAnnounced(Ended(), TestContext.Current.CancellationToken);
        Assert.False(announced.IsCompleted);
        clock.Advance(ContainerEventLog.EventDelay);
        await announced.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(1));
        // an old one not at all
        Assert.True(log.EndAnnounced(Ended(), TestContext.Current.CancellationToken).IsCompleted);
    }
}
