using System.Globalization;
using Nightshift.Plumbing.Streams;
using Nightshift.Scheduler.Schedules;
using Nightshift.Timetables;

namespace Nightshift.Scheduler.Tests.Schedules;

public sealed class ScheduleTables
{
    [Fact]
    public void A_cron_expression_that_is_too_long_says_so() =>
        Assert.Equal(
            "it has 501 characters; write at most 500",
            Assert.Throws<CronFormatException>(() => CronExpression.Parse(new string('*', 501))).Message
        );

    [Theory]
    [InlineData("*/1 * * * *", "UTC", "2026-03-01T09:00:00Z", "2026-03-01T09:01:00Z")]
    [InlineData("*/1 * * * *", "UTC", "2026-03-01T09:00:59.999Z", "2026-03-01T09:01:00Z")]
    [InlineData("0 9 * * *", "Europe/Berlin", "2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("@weekly", "UTC", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z")]
    // Berlin 2026-03-29: 01:59 │ 03:00. 02:30 does not exist: the tick comes as much later as the clock jumps.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z 2026-03-30T00:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-29T01:10:00Z", "2026-03-29T01:30:00Z 2026-03-30T00:30:00Z")]
    [InlineData("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z")]
    // Minutes that come each hour lose nothing and gain nothing; of several in one hour only the first comes.
    [InlineData("15 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T00:15:00Z 2026-03-29T01:15:00Z")]
    [InlineData("0-5 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:00:00Z")]
    [InlineData("0 1-4 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z 2026-03-29T02:00:00Z")]
    // Berlin 2026-10-25: 02:59 │ 02:00. 02:30 exists twice: a time of day comes at the second, every hour goes on.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T01:30:00Z 2026-10-26T01:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z 2026-10-26T01:30:00Z")]
    [InlineData("*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z 2026-10-25T01:30:00Z")]
    [InlineData("15 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T00:15:00Z 2026-10-25T01:15:00Z")]
    // Silent over the weekend in which the clock changes: the next tick is on the clock, not 145 hours later.
    [InlineData("0 * * * 1", "Europe/Berlin", "2026-10-19T21:00:00Z", "2026-10-25T23:00:00Z 2026-10-26T00:00:00Z")]
    // Dublin's winter is the exception, not its summer. 2027-03-28: 00:59 │ 02:00, 2027-10-31: 01:59 │ 01:00.
    [InlineData("30 1 * * *", "Europe/Dublin", "2027-03-27T12:00:00Z", "2027-03-28T01:30:00Z 2027-03-29T00:30:00Z")]
    [InlineData("30 1 * * *", "Europe/Dublin", "2027-10-30T12:00:00Z", "2027-10-31T01:30:00Z 2027-11-01T01:30:00Z")]
    [InlineData(
        "*/30 * * * *",
        "Europe/Dublin",
        "2027-10-31T00:15:00Z",
        "2027-10-31T00:30:00Z 2027-10-31T01:00:00Z 2027-10-31T01:30:00Z 2027-10-31T02:00:00Z"
    )]
    // Casablanca's exception is Ramadan. 2026-02-15: 02:59 │ 02:00, 2026-03-22: 01:59 │ 03:00.
    [InlineData("30 2 * * *", "Africa/Casablanca", "2026-02-14T12:00:00Z", "2026-02-15T02:30:00Z 2026-02-16T02:30:00Z")]
    [InlineData("30 2 * * *", "Africa/Casablanca", "2026-03-21T12:00:00Z", "2026-03-22T02:30:00Z 2026-03-23T01:30:00Z")]
    // Lord Howe moves by half an hour. 2026-04-05: 01:59 │ 01:30, 2026-10-04: 01:59 │ 02:30.
    [InlineData(
        "45 1 * * *",
        "Australia/Lord_Howe",
        "2026-04-04T00:00:00Z",
        "2026-04-04T15:15:00Z 2026-04-05T15:15:00Z"
    )]
    [InlineData(
        "15 2 * * *",
        "Australia/Lord_Howe",
        "2026-10-03T00:00:00Z",
        "2026-10-03T15:45:00Z 2026-10-04T15:15:00Z"
    )]
    [InlineData(
        "15 * * * *",
        "Australia/Lord_Howe",
        "2026-10-03T15:00:00Z",
        "2026-10-03T15:45:00Z 2026-10-03T16:15:00Z"
    )]
    // Cairo, Beirut and Santiago leave midnight out: 2027-04-30, 2027-03-28, 2027-09-05, each 23:59 │ 01:00.
    [InlineData("0 0 * * *", "Africa/Cairo", "2027-04-28T22:00:00Z", "2027-04-29T22:00:00Z 2027-04-30T21:00:00Z")]
    [InlineData("30 0 * * 0", "Asia/Beirut", "2027-03-26T00:00:00Z", "2027-03-27T22:30:00Z 2027-04-03T21:30:00Z")]
    [InlineData("0 1 5 9 *", "America/Santiago", "2027-09-04T00:00:00Z", "2027-09-05T04:00:00Z 2028-09-05T04:00:00Z")]
    // Amman keeps +03 all year since 2022; until then it left midnight out as well: 2022-02-25.
    [InlineData("0 0 * * *", "Asia/Amman", "2026-04-02T12:00:00Z", "2026-04-02T21:00:00Z 2026-04-03T21:00:00Z")]
    [InlineData("30 0 * * *", "Asia/Amman", "2022-02-23T22:30:00Z", "2022-02-24T22:30:00Z 2022-02-25T21:30:00Z")]
    // Nuuk 2027-10-31: 00:00 │ 23:00 of the day before. Midnight comes once.
    [InlineData("0 0 * * *", "America/Nuuk", "2027-10-30T12:00:00Z", "2027-10-31T02:00:00Z 2027-11-01T02:00:00Z")]
    // Apia left out 2011-12-30.
    [InlineData("0 9 * * *", "Pacific/Apia", "2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z 2011-12-31T19:00:00Z")]
    public void The_ticks_are_wall_clock_times_in_the_DAGs_zone(
        string cron,
        string zone,
        string after,
        string expected
    ) => Assert.Equal(expected, Chain(new Schedule(cron, null, zone, Catchup: false), after, expected));

    [Fact]
    public void A_date_that_never_comes_has_no_tick() =>
        Assert.Null(new Schedule("0 0 30 2 *", null, "Europe/Berlin", false).First(At("2026-01-01T00:00:00Z")));

    // Berlin 2026-03-29: 01:59 │ 03:00; 2026-10-25: 02:59 │ 02:00. With a policy nothing depends on the form of the
    // cron.
    [Theory]
    [InlineData("0,30 2 * * *", GapPolicy.Shift, FoldPolicy.Last, "2026-03-29T01:00:00Z 2026-03-29T01:30:00Z")]
    [InlineData("0,30 2 * * *", GapPolicy.Skip, FoldPolicy.Last, "2026-03-30T00:00:00Z 2026-03-30T00:30:00Z")]
    [InlineData("30 2 25 10 *", GapPolicy.Skip, FoldPolicy.First, "2026-10-25T00:30:00Z 2027-10-25T00:30:00Z")]
    [InlineData("30 2 25 10 *", GapPolicy.Skip, FoldPolicy.Last, "2026-10-25T01:30:00Z 2027-10-25T00:30:00Z")]
    [InlineData("30 2 25 10 *", GapPolicy.Skip, FoldPolicy.Both, "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z")]
    [InlineData("30 * 25 10 *", GapPolicy.Skip, FoldPolicy.First, "2026-10-24T22:30:00Z 2026-10-24T23:30:00Z")]
    public void A_schedule_may_say_what_a_change_of_the_clock_does(
        string cron,
        GapPolicy gap,
        FoldPolicy fold,
        string expected
    ) =>
        Assert.Equal(
            expected,
            Chain(
                new Schedule(cron, null, "Europe/Berlin", Catchup: false) { OnGap = gap, OnFold = fold },
                "2026-03-28T12:00:00Z",
                expected
            )
        );

    [Theory]
    [InlineData("15m", "UTC", "2026-03-01T09:07:00Z", "2026-03-01T09:15:00Z 2026-03-01T09:30:00Z")]
    [InlineData("15m", "UTC", "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z")]
    [InlineData("1d", "UTC", "2026-03-01T09:07:00Z", "2026-03-02T00:00:00Z 2026-03-03T00:00:00Z")]
    [InlineData("24h", "Asia/Kolkata", "2026-03-01T09:07:00Z", "2026-03-01T18:30:00Z 2026-03-02T18:30:00Z")]
    [InlineData("7d", "America/Los_Angeles", "2026-03-01T09:07:00Z", "2026-03-05T08:00:00Z 2026-03-12T07:00:00Z")]
    [InlineData("1d", "Africa/Cairo", "2027-04-28T22:00:00Z", "2027-04-29T22:00:00Z 2027-04-30T21:00:00Z")]
    [InlineData("1d", "America/Havana", "2024-11-02T12:00:00Z", "2024-11-03T04:00:00Z 2024-11-04T05:00:00Z")]
    [InlineData("1d", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z 2011-12-31T10:00:00Z")]
    [InlineData("3d", "Europe/Berlin", "1969-12-25T00:00:00Z", "1969-12-25T23:00:00Z 1969-12-28T23:00:00Z")]
    public void Whole_days_are_midnights_of_the_zone_and_other_periods_are_elapsed(
        string every,
        string zone,
        string after,
        string expected
    ) => Assert.Equal(expected, Chain(Every(every, zone), after, expected));

    [Theory]
    [InlineData("1d", "Asia/Kolkata")]
    [InlineData("15m", "UTC")]
    public void A_zone_beside_a_period_counts_for_whole_days_only(string every, string zone) =>
        Assert.Equal(Every(every, zone), Every(every, "Asia/Kolkata"));

    [Theory]
    [InlineData("europe/berlin", "Europe/Berlin")]
    [InlineData("berlin", "Europe/Berlin")]
    [InlineData("America/New York", "America/New_York")]
    [InlineData("Europe/Brelin", "Europe/Berlin")]
    [InlineData("W. Europe Standard Time", "Europe/Berlin")]
    [InlineData("Nowhere/At_All", null)]
    [InlineData("UTC+02:00", null)]
    public void A_name_that_is_no_time_zone_is_answered_with_the_nearest(string name, string? nearest)
    {
        Assert.Null(TimeZones.Find(name));
        Assert.Equal(nearest, TimeZones.Nearest(name));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("US/Pacific")] // names that some hosts ship without
    [InlineData("Asia/Calcutta")]
    [InlineData("EST5EDT")]
    public void Old_names_are_time_zones_on_every_host(string name) => Assert.NotNull(TimeZones.Find(name));

    [Theory]
    [InlineData("0 9 * * *", "Mars/Olympus")]
    [InlineData("H 9 * * *", "UTC")]
    public void What_an_older_version_stored_may_be_refused(string cron, string zone) =>
        Assert.Equal(
            "schedule_invalid",
            Assert.Throws<RejectedException>(() => new Schedule(cron, null, zone, false).First(T0)).Code
        );

    static readonly DateTimeOffset T0 = At("2026-03-01T09:00:00Z");

    static Schedule Every(string every, string zone) =>
        Plans
            .Dag($"dag: a\nschedule: {{ every: {every} }}\ntimezone: {zone}\ntasks: {{ x: {{ noop: true }} }}")
            .Schedule!;

    // As many ticks as are expected, one after the other.
    static string Chain(Schedule schedule, string after, string expected)
    {
        var ticks = new List<string>();
        for (DateTimeOffset? at = At(after); ticks.Count < expected.Split(' ').Length; )
        {
            at = schedule.First(at!.Value)?.RunAfter;
            ticks.Add(at?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "none");
        }
        return string.Join(' ', ticks);
    }

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
