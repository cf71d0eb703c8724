using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Schedules;
using Nightshift.Timetables;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Schedules;

public sealed class TickDeciderSpecs
{
    static readonly Schedule EveryMinute = new("* * * * *", null, "UTC", Catchup: false);
    static readonly Schedule CatchingUp = EveryMinute with { Catchup = true };

    static TickCursor At(int minute, int? settled = null) =>
        new("dag-m", Minute(minute), settled is { } x ? Minute(x) : null);

    static IReadOnlyList<DateTimeOffset> Ticks(DueRuns due) => [.. due.Runs.Select(x => x.RunAfter)];

    static DateTimeOffset Minute(int minutes, int seconds = 0) => T0 + new TimeSpan(0, minutes, seconds);

    [Fact]
    public void Before_its_time_nothing_is_due_and_the_cursor_stays()
    {
        var due = TickDecider.Decide(EveryMinute, At(1), T0);
        Assert.Empty(due.Runs);
        Assert.Equal((null, At(1)), (due.Skipped, due.After));
    }

    [Fact]
    public void A_tick_that_is_due_is_run_and_the_next_is_waited_for()
    {
        var due = TickDecider.Decide(EveryMinute, At(1), Minute(1));
        Assert.Equal([Minute(1)], Ticks(due));
        Assert.Equal((null, At(2, settled: 1)), (due.Skipped, due.After));
    }

    [Fact]
    public void After_an_outage_a_DAG_runs_its_latest_tick_and_says_which_it_skipped()
    {
        var due = TickDecider.Decide(EveryMinute, At(1), Minute(4, 20));
        Assert.Equal([Minute(4)], Ticks(due));
        Assert.Equal(((Minute(1), Minute(3)), At(5, settled: 4)), (due.Skipped, due.After));
    }

    [Fact]
    public void After_an_outage_a_DAG_that_catches_up_runs_every_tick()
    {
        var due = TickDecider.Decide(CatchingUp, At(1), Minute(4, 20));
        Assert.Equal([Minute(1), Minute(2), Minute(3), Minute(4)], Ticks(due));
        Assert.Equal((null, At(5, settled: 4)), (due.Skipped, due.After));
    }

    [Fact]
    public void A_long_outage_is_caught_up_in_portions()
    {
        var due = TickDecider.Decide(CatchingUp, At(1), Minute(TickDecider.RunsAtOnce + 100));
        Assert.Equal(TickDecider.RunsAtOnce, due.Runs.Count);
        Assert.Equal(Ticks(due)[^1] + TimeSpan.FromMinutes(1), due.After.NextTick);
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

    [Fact]
    public void A_run_of_a_data_interval_covers_the_time_before_its_tick()
    {
        var hourly = new Schedule("0 * * * *", null, "UTC", Catchup: false) { Interval = true };
        var first = hourly.First(Minute(10))!;
        Assert.Equal(PlannedRun.Of(Minute(0), Minute(60)), first);
        var due = TickDecider.Decide(hourly, new TickCursor("dag-m", null).At(first), Minute(200));
        Assert.Equal([PlannedRun.Of(Minute(120), Minute(180))], due.Runs);
        Assert.Equal((Minute(60), Minute(120)), due.Skipped);
        Assert.Equal(PlannedRun.Of(Minute(180), Minute(240)), due.After.Next);
    }

    [Fact]
    public void A_schedule_with_a_start_catches_up_from_there_and_stops_at_its_end()
    {
        var schedule = CatchingUp with { Start = Minute(-3), End = Minute(1) };
        var cursor = new TickCursor("dag-m", null).At(schedule.First(T0));
        var due = TickDecider.Decide(schedule, cursor, Minute(9));
        Assert.Equal([Minute(-3), Minute(-2), Minute(-1), Minute(0), Minute(1)], Ticks(due));
        Assert.Null(due.After.NextTick);
    }

    [Fact]
    public void Without_catchup_a_start_in_the_past_runs_the_latest_tick_as_in_Airflow()
    {
        var daily = new Schedule("0 3 * * *", null, "UTC", Catchup: false);
        Assert.Equal(T0.AddHours(-6), (daily with { Start = T0.AddDays(-9) }).First(T0)!.RunAfter);
        Assert.Equal(T0.AddHours(18), daily.First(T0)!.RunAfter);
        Assert.Equal(
            T0.AddHours(-6),
            (daily with { RunImmediately = new(Always: true, Within: null) }).First(T0)!.RunAfter
        );
    }

    [Fact]
    public void Once_is_one_run()
    {
        var once = new Schedule("@once", null, "UTC", Catchup: false);
        var due = TickDecider.Decide(once, new TickCursor("dag-m", null).At(once.First(T0)), Minute(5));
        Assert.Equal([T0], Ticks(due));
        Assert.Null(due.After.NextTick);
    }

    [Fact]
    public void A_continuous_schedule_waits_for_the_end_of_its_run_and_covers_the_time_since_the_last()
    {
        var continuous = new Schedule("@continuous", null, "UTC", Catchup: false);
        var due = TickDecider.Decide(continuous, new TickCursor("dag-m", null).At(continuous.First(T0)), Minute(0, 1));
        Assert.Equal([T0], Ticks(due));
        Assert.Null(due.After.NextTick);
        Assert.Equal(PlannedRun.Of(T0, Minute(7)), TickDecider.Continue(continuous, due.After, Minute(7)).Next);
    }

    [Fact]
    public void Explicit_instants_run_once_each_and_after_an_outage_the_latest_of_them()
    {
        var schedule = new Schedule(null, null, "UTC", Catchup: false) { At = [Minute(1), Minute(2), Minute(9)] };
        var due = TickDecider.Decide(schedule, new TickCursor("dag-m", null).At(schedule.First(T0)), Minute(5));
        Assert.Equal([Minute(2)], Ticks(due));
        Assert.Equal(((Minute(1), Minute(1)), Minute(9)), (due.Skipped, due.After.NextTick));
    }

    // The tick stays what it is; only the start of its run moves, and for each tick always by as much.
    [Property(MaxTest = 100)]
    public Property Jitter_moves_the_start_of_a_run_and_nothing_else() =>
        Prop.ForAll(
            Gen.Choose(1, 600).ToArbitrary(),
            minute =>
            {
                var schedule = EveryMinute with { Jitter = TimeSpan.FromSeconds(40) };
                var due = TickDecider.DueAt(schedule, At(minute))!.Value;
                return due >= Minute(minute)
                    && due <= Minute(minute, 40)
                    && TickDecider.Decide(schedule, At(minute), due.AddTicks(-1)).Runs.Count == 0
                    && Ticks(TickDecider.Decide(schedule, At(minute), due)) is [var tick]
                    && tick == Minute(minute);
            }
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
                    for (var due = Due(); due.Runs.Count > 0; due = Due())
                    {
                        if (due.Skipped is var (first, last))
                            for (var tick = first; tick <= last; tick += TimeSpan.FromMinutes(1))
                                seen.Add(tick);
                        seen.AddRange(Ticks(due));
                        cursor = due.After;
                    }
                }
                return seen.SequenceEqual(seen.Select((_, i) => Minute(i + 1)))
                    && (seen.Count == 0 ? now == T0 : seen[^1] == now);

                DueRuns Due() => TickDecider.Decide(schedule, cursor, now);
            }
        );
}
