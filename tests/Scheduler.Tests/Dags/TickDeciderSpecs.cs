using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Dags;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Dags;

public sealed class TickDeciderSpecs
{
    static readonly Schedule EveryMinute = new("* * * * *", null, "UTC", Catchup: false);
    static readonly Schedule CatchingUp = EveryMinute with { Catchup = true };

    static TickCursor At(int minute, int? settled = null) =>
        new("dag-m", Minute(minute), settled is { } x ? Minute(x) : null);

    static DateTimeOffset Minute(int minutes, int seconds = 0) => T0 + new TimeSpan(0, minutes, seconds);

    [Fact]
    public void Before_its_time_nothing_is_due_and_the_cursor_stays()
    {
        var due = TickDecider.Decide(EveryMinute, At(1), T0);
        Assert.Empty(due.Ticks);
        Assert.Equal((null, At(1)), (due.Skipped, due.After));
    }

    [Fact]
    public void A_tick_that_is_due_is_run_and_the_next_is_waited_for()
    {
        var due = TickDecider.Decide(EveryMinute, At(1), Minute(1));
        Assert.Equal([Minute(1)], due.Ticks);
        Assert.Equal((null, At(2, settled: 1)), (due.Skipped, due.After));
    }

    [Fact]
    public void After_an_outage_a_DAG_runs_its_latest_tick_and_says_which_it_skipped()
    {
        var due = TickDecider.Decide(EveryMinute, At(1), Minute(4, 20));
        Assert.Equal([Minute(4)], due.Ticks);
        Assert.Equal(((Minute(1), Minute(3)), At(5, settled: 4)), (due.Skipped, due.After));
    }

    [Fact]
    public void After_an_outage_a_DAG_that_catches_up_runs_every_tick()
    {
        var due = TickDecider.Decide(CatchingUp, At(1), Minute(4, 20));
        Assert.Equal([Minute(1), Minute(2), Minute(3), Minute(4)], due.Ticks);
        Assert.Equal((null, At(5, settled: 4)), (due.Skipped, due.After));
    }

    [Fact]
    public void A_long_outage_is_caught_up_in_portions()
    {
        var due = TickDecider.Decide(CatchingUp, At(1), Minute(TickDecider.TicksAtOnce + 100));
        Assert.Equal(TickDecider.TicksAtOnce, due.Ticks.Count);
        Assert.Equal(due.Ticks[^1] + TimeSpan.FromMinutes(1), due.After.NextTick);
    }

    [Fact]
    public void A_schedule_that_has_ended_has_nothing_due()
    {
        var ended = new TickCursor("dag-m", NextTick: null, Minute(1));
        Assert.Equal(ended, TickDecider.Decide(EveryMinute, ended, Minute(9)).After);
    }

    [Fact]
    public void A_schedule_whose_zone_is_unknown_stands_still() =>
        Assert.Throws<RejectedException>(() =>
            TickDecider.Decide(EveryMinute with { Timezone = "Mars/Olympus" }, At(1), Minute(1))
        );

    // Whatever the outages: with catchup each minute is run once, without it each is run once or skipped, in order.
    [Property(MaxTest = 50)]
    public Property No_tick_is_lost_or_repeated_over_outages() =>
        Prop.ForAll(
            Gen.Zip(Gen.Elements(true, false), Gen.ListOf(Gen.Choose(1, 700))).ToArbitrary(),
            x =>
            {
                var schedule = EveryMinute with { Catchup = x.Item1 };
                var (cursor, now, seen) = (At(1), T0, new List<DateTimeOffset>());
                foreach (var outage in x.Item2)
                {
                    now += TimeSpan.FromMinutes(outage);
                    for (var due = Due(); due.Ticks.Count > 0; due = Due())
                    {
                        if (due.Skipped is var (first, last))
                            for (var tick = first; tick <= last; tick += TimeSpan.FromMinutes(1))
                                seen.Add(tick);
                        seen.AddRange(due.Ticks);
                        cursor = due.After;
                    }
                }
                return seen.SequenceEqual(seen.Select((_, i) => Minute(i + 1)))
                    && (seen.Count == 0 ? now == T0 : seen[^1] == now);

                DueTicks Due() => TickDecider.Decide(schedule, cursor, now);
            }
        );
}
