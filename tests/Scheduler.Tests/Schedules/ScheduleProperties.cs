using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Timetables;
using NodaTime;
using NodaTime.TimeZones;

namespace Nightshift.Scheduler.Tests.Schedules;

/// <summary>
/// Ticks around the jumps of all clocks. Every zone of the tz database comes into each test; the jumps between 1970 and
/// 2060, and the schedules, are sampled.
/// </summary>
public sealed class ScheduleProperties
{
    static readonly string[] Crons =
    [
        "* * * * *",
        "*/30 * * * *",
        "15 * * * *",
        "0 */2 * * *",
        "0-5 2 * * *",
        "30 0 * * *",
        "30 1 * * *",
        "30 2 * * *",
        "0 0,1,2,3 * * *",
        "45 23 * * *",
        "30 2 * * 0",
    ];

    static readonly (Instant From, Instant Until) Years = (
        Instant.FromUtc(1970, 1, 2, 0, 0),
        Instant.FromUtc(2060, 1, 1, 0, 0)
    );

    [Property(MaxTest = 12)]
    public Property Ticks_are_strictly_later_and_never_stuck_in_every_zone() =>
        AtJumps(
            (seed, zone, jump, i) =>
            {
                var ticks = TicksOf((seed ^ i) & int.MaxValue, zone);
                var tick = (jump - Duration.FromHours(30)).ToDateTimeOffset();
                for (var n = 0; n < 8; n++)
                {
                    var next = ticks.Next(tick);
                    Assert.True(next > tick && next < tick.AddDays(16), $"{zone.Id}: after {tick:u} came {next:u}");
                    tick = next.Value;
                }
            }
        );

    // Asked again from any instant between two ticks, the answer is the second: nothing is missed on the way.
    [Property(MaxTest = 12)]
    public Property The_next_tick_does_not_depend_on_when_it_is_asked_for() =>
        AtJumps(
            (seed, zone, jump, i) =>
            {
                var ticks = TicksOf((seed ^ i) & int.MaxValue, zone);
                if (CountsElapsedTime((seed ^ i) & int.MaxValue))
                    return;
                var before = (jump + Duration.FromMinutes(seed % 400 - 200)).ToDateTimeOffset();
                var next = ticks.Next(before)!.Value;
                Assert.Equal(next, ticks.Next(next.AddTicks(-1)));
                Assert.Equal(next, ticks.Next(before + (next - before) / 2));
            }
        );

    // A time of day comes once for each date, whatever the clocks did.
    [Property(MaxTest = 12)]
    public Property A_time_of_day_comes_once_a_date() =>
        AtJumps(
            (seed, zone, jump, i) =>
            {
                if (IsLong(zone, jump))
                    return;
                var cron = CronExpression.Parse($"{seed % 60} {seed % 24} * * *");
                Ticks once =
                    (seed ^ i) % 2 == 0
                        ? new CronTicks(cron, zone)
                        : new PolicyCronTicks(cron, zone, GapPolicy.Shift, FoldPolicy.First);
                var from = zone.AtStartOfDay(jump.InZone(zone).Date.PlusDays(-2)).ToInstant();
                var until = zone.AtStartOfDay(jump.InZone(zone).Date.PlusDays(3)).ToInstant();
                // A time that was left out in the last hour of a date is made up for on the next.
                var ticks = Until(once, from.ToDateTimeOffset(), until.ToDateTimeOffset());
                Assert.True(
                    ticks.Count is 5,
                    $"{zone.Id}, {seed % 24}:{seed % 60}: {string.Join(' ', ticks.Select(x => $"{x:u}"))}"
                );
            }
        );

    // What comes after the tick before an instant is the instant itself, or the next tick.
    [Property(MaxTest = 12)]
    public Property The_tick_before_is_the_last_of_those_that_come_after_each_other() =>
        AtJumps(
            (seed, zone, jump, i) =>
            {
                var ticks = TicksOf((seed ^ i) & int.MaxValue, zone);
                if (CountsElapsedTime((seed ^ i) & int.MaxValue))
                    return;
                var at = (jump + Duration.FromMinutes(seed % 400 - 200)).ToDateTimeOffset();
                var before = ticks.Previous(at)!.Value;
                Assert.True(before < at && ticks.Next(before) >= at, $"{zone.Id}: before {at:u} came {before:u}");
            }
        );

    // A jump over hours, back or forth: the date line, or a capital that moved.
    static bool IsLong(DateTimeZone zone, Instant jump) =>
        Math.Abs(zone.GetUtcOffset(jump).Seconds - zone.GetUtcOffset(jump - Duration.Epsilon).Seconds) > 7200;

    static List<DateTimeOffset> Until(Ticks ticks, DateTimeOffset from, DateTimeOffset until)
    {
        var found = new List<DateTimeOffset>();
        for (var tick = ticks.Next(from.AddTicks(-1)); tick < until; tick = ticks.Next(tick.Value))
            found.Add(tick.Value);
        return found;
    }

    // As Airflow ticks, with each policy, and by the calendar.
    static Ticks TicksOf(int seed, DateTimeZone zone)
    {
        var cron = CronExpression.Parse(Crons[seed % Crons.Length]);
        return (seed / Crons.Length % 8) switch
        {
            0 => new CalendarTicks(1 + seed % 3, zone),
            < 5 => new CronTicks(cron, zone),
            var x => new PolicyCronTicks(cron, zone, (GapPolicy)(seed / 100 % 2), (FoldPolicy)(x - 5)),
        };
    }

    // These go on from where they are asked: Airflow's way to tick in both passes of an hour.
    static bool CountsElapsedTime(int seed) =>
        seed / Crons.Length % 8 is >= 1 and < 5 && CronExpression.Parse(Crons[seed % Crons.Length]).CoversEveryHour;

    static readonly IReadOnlyList<(DateTimeZone Zone, IReadOnlyList<ZoneInterval> AfterJumps)> Zones =
    [
        .. DateTimeZoneProviders
            .Tzdb.Ids.Select(x => DateTimeZoneProviders.Tzdb[x])
            .Select(zone => (zone, zone.GetZoneIntervals(Years.From, Years.Until).Skip(1).ToList()))
            .Where(x => x.Item2.Count > 0),
    ];

    // Checks one jump of each zone, drawn by a seed.
    static Property AtJumps(Action<int, DateTimeZone, Instant, int> check) =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                foreach (var (i, (zone, afterJumps)) in Zones.Index())
                    check(seed, zone, afterJumps[(int)(((uint)seed + 31u * (uint)i) % afterJumps.Count)].Start, i);
            }
        );
}
