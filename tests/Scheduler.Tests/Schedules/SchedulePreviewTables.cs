using System.Globalization;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Tests.Schedules;

/// <summary>What is shown of a cron expression before anything runs by it.</summary>
public sealed class SchedulePreviewTables
{
    // Berlin 2027-03-28: 01:59 │ 03:00; 2027-10-31: 02:59 │ 02:00.
    [Theory]
    [InlineData("30 2 * * *", "2027-03-27T12:00:00Z", "03-28 03:30 +02:00 shifted, the clock leaves its time out")]
    [InlineData("30 12 * * *", "2027-03-27T12:00:00Z", "03-28 12:30 +02:00 the clock is now UTC+02:00")]
    [InlineData("30 2 * * *", "2027-10-30T12:00:00Z", "10-31 02:30 +01:00 second of two, the clock goes back")]
    [InlineData("30 * * * *", "2027-10-31T00:00:00Z", "10-31 02:30 +02:00 first of two, the clock goes back")]
    [InlineData("30 2 * * *", "2027-06-01T12:00:00Z", "06-02 02:30 +02:00 ")]
    public void A_tick_shows_its_local_time_and_what_the_clock_did(string text, string after, string expected)
    {
        var (cron, zone) = (CronExpression.Parse(text), TimeZones.Find("Europe/Berlin")!);
        var at = DateTimeOffset.Parse(after, CultureInfo.InvariantCulture);
        var tick = SchedulePreview.Of(cron, new CronTicks(cron, zone), zone, at, 1)[0];
        Assert.Equal(expected, $"{tick.Local.ToString("MM-dd HH:mm zzz", CultureInfo.InvariantCulture)} {tick.Mark}");
        Assert.Equal(tick.Tick, tick.Local);
    }

    [Theory]
    [InlineData("0 9 * * *", "")]
    [InlineData("0 9 1 * 1", "either_day")]
    [InlineData("0 9 1-7 * mon#1", "")] // names days of a month itself, so both must fit
    [InlineData("@daily", "midnight")]
    [InlineData("0 9 31 2 *", "never")]
    [InlineData("0 9 * * * 0 2020", "never")]
    [InlineData("5-5 9 * * *", "whole_cycle")]
    [InlineData("0 0 31 2,4 *", "never midnight")]
    public void What_is_often_not_meant_is_named(string text, string codes) =>
        Assert.Equal(codes, string.Join(' ', CronLint.Of(text, new(2026, 3, 1)).Select(x => x.Code)));
}
