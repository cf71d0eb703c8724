using System.Globalization;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Scheduler.Tests.Dags;

public sealed class ScheduleTables
{
    // Berlin 2026-03-29:  01:59 CET │ 03:00 CEST   — 02:30 does not exist, the tick comes at the jump
    // Berlin 2026-10-25:  02:59 CEST│ 02:00 CET    — 02:30 exists twice, the tick comes once
    // Lord Howe 2026-04-05: 02:00 +11 │ 01:30 +10:30 — half an hour repeats
    // Amman keeps +03 all year since 2022
    [Theory]
    [InlineData("*/1 * * * *", "UTC", "2026-03-01T09:00:00Z", "2026-03-01T09:01:00Z")]
    [InlineData("*/1 * * * *", "UTC", "2026-03-01T09:00:59.999Z", "2026-03-01T09:01:00Z")]
    [InlineData("0 9 * * *", "Europe/Berlin", "2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-04T14:45:00Z")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z")]
    [InlineData("0 0 * * *", "Asia/Amman", "2026-04-02T12:00:00Z", "2026-04-02T21:00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    public void The_next_tick_is_a_wall_clock_time_in_the_DAGs_zone(
        string cron,
        string zone,
        string after,
        string expected
    ) => Assert.Equal(At(expected), new Schedule(cron, null, zone, Catchup: false).TickAfter(At(after)));

    [Fact]
    public void A_date_that_never_comes_has_no_tick() =>
        Assert.Null(new Schedule("0 0 30 2 *", null, "UTC", false).TickAfter(At("2026-01-01T00:00:00Z")));

    [Theory]
    [InlineData("00:15:00", "2026-03-01T09:07:00Z", "2026-03-01T09:15:00Z")]
    [InlineData("00:15:00", "2026-03-01T09:15:00Z", "2026-03-01T09:30:00Z")]
    public void Every_so_often_means_multiples_since_the_epoch(string every, string after, string expected) =>
        Assert.Equal(
            At(expected),
            new Schedule(null, TimeSpan.Parse(every, CultureInfo.InvariantCulture), "UTC", false).TickAfter(At(after))
        );

    [Theory]
    [InlineData("2026-03-01T09:01:00Z", "2026-03-01T09:01:00Z")] // just due
    [InlineData("2026-03-01T09:04:30Z", "2026-03-01T09:04:00Z")] // some missed
    [InlineData("2026-06-01T00:00:01Z", "2026-06-01T00:00:00Z")] // months missed
    public void The_latest_tick_is_found_however_long_the_outage(string now, string expected) =>
        Assert.Equal(
            At(expected),
            new Schedule("*/1 * * * *", null, "UTC", false).LatestTick(At("2026-03-01T09:01:00Z"), At(now))
        );

    [Fact]
    public void The_latest_tick_of_a_rare_schedule_may_be_the_first() =>
        Assert.Equal(
            At("2026-01-01T00:00:00Z"),
            new Schedule("0 0 1 1 *", null, "UTC", false).LatestTick(
                At("2026-01-01T00:00:00Z"),
                At("2026-12-24T00:00:00Z")
            )
        );

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
