using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Scheduler.Dags;
using NodaTime;
using NodaTime.TimeZones;

namespace Nightshift.Scheduler.Tests.Dags;

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
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                foreach (var (zone, jump, i) in Jumps(seed))
                {
                    var timetable = Timetable.Of(ScheduleOf((seed ^ i) & int.MaxValue, zone.Id));
                    var tick = (jump - Duration.FromHours(30)).ToDateTimeOffset();
                    for (var n = 0; n < 8; n++)
                    {
                        var next = timetable.TickAfter(tick);
                        Assert.True(next > tick && next < tick.AddDays(16), $"{zone.Id}: after {tick:u} came {next:u}");
                        tick = next.Value;
                    }
                }
            }
        );

    // Asked again from any instant between two ticks, the answer is the second: nothing is missed on the way.
    [Property(MaxTest = 12)]
    public Property The_next_tick_does_not_depend_on_when_it_is_asked_for() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                foreach (var (zone, jump, i) in Jumps(seed))
                {
                    var timetable = Timetable.Of(ScheduleOf((seed ^ i) & int.MaxValue, zone.Id));
                    var before = (jump - Duration.FromMinutes(seed % 200)).ToDateTimeOffset();
                    var next = timetable.TickAfter(before)!.Value;
                    Assert.Equal(next, timetable.TickAfter(next.AddTicks(-1)));
                    Assert.Equal(next, timetable.TickAfter(before + (next - before) / 2));
                }
            }
        );

    // A time of day comes once for each date, whatever the clocks did.
    [Property(MaxTest = 12)]
    public Property A_time_of_day_comes_once_a_date() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                foreach (var (zone, jump, _) in Jumps(seed).Where(x => !IsLong(x.Zone, x.Jump)))
                {
                    var schedule = new Schedule($"{seed % 60} {seed % 24} * * *", null, zone.Id, Catchup: false);
                    var from = zone.AtStartOfDay(jump.InZone(zone).Date.PlusDays(-2)).ToInstant();
                    var until = zone.AtStartOfDay(jump.InZone(zone).Date.PlusDays(3)).ToInstant();
                    var ticks = Ticks(schedule, from.ToDateTimeOffset(), until.ToDateTimeOffset());
                    Assert.True(
                        ticks.Count is 5,
                        $"{zone.Id}, {schedule.Cron}: {string.Join(' ', ticks.Select(x => $"{x:u}"))}"
                    );
                }
            }
        );

    // A jump over hours, back or forth: the date line, or a capital that moved.
    static bool IsLong(DateTimeZone zone, Instant jump) =>
        Math.Abs(zone.GetUtcOffset(jump).Seconds - zone.GetUtcOffset(jump - Duration.Epsilon).Seconds) > 7200;

    static IReadOnlyList<DateTimeOffset> Ticks(Schedule schedule, DateTimeOffset from, DateTimeOffset until) =>
        schedule.Timetable().Ticks(schedule.TickAfter(from.AddTicks(-1))!.Value, until.AddTicks(-1), limit: 99);

    static Schedule ScheduleOf(int seed, string zone) =>
        seed % (Crons.Length + 1) is var i && i < Crons.Length
            ? new(Crons[i], null, zone, Catchup: false)
            : new(null, TimeSpan.FromDays(1), zone, Catchup: false);

    static readonly IReadOnlyList<(DateTimeZone Zone, IReadOnlyList<ZoneInterval> AfterJumps)> Zones =
    [
        .. DateTimeZoneProviders
            .Tzdb.Ids.Select(x => DateTimeZoneProviders.Tzdb[x])
            .Select(zone => (zone, zone.GetZoneIntervals(Years.From, Years.Until).Skip(1).ToList()))
            .Where(x => x.Item2.Count > 0),
    ];

    static IEnumerable<(DateTimeZone Zone, Instant Jump, int Index)> Jumps(int seed) =>
        Zones.Select(
            (x, i) => (x.Zone, x.AfterJumps[(int)(((uint)seed + 31u * (uint)i) % x.AfterJumps.Count)].Start, i)
        );
}
