using Nightshift.Timetables;

namespace Nightshift.Scheduler.Tests.Schedules;

/// <summary>What a DAG file may say about its schedule.</summary>
public sealed class ScheduleFieldTables
{
    const string Tasks = "\ntasks: { x: { noop: true } }";

    [Theory]
    [InlineData("'0 9 * * 1-5'", "0 9 * * 1-5")]
    [InlineData("'@daily'", "0 0 * * *")]
    [InlineData("'@once'", "@once")]
    [InlineData("'@continuous'", "@continuous")]
    [InlineData("'0 9 * * * 30'", "0 9 * * * 30")]
    [InlineData("'0 0 29 2 * 0 2028'", "0 0 29 2 * 0 2028")]
    [InlineData("['0 9 * * *', '30 18 * * FRI#2']", "0 9 * * *, 30 18 * * FRI#2")]
    [InlineData("{ cron: ['@daily'] }", "0 0 * * *")]
    [InlineData("{ every: 90m }", "every 90m")]
    [InlineData("{ every: 1w }", "every 7d")]
    [InlineData("{ every: 1mo, start: 2026-01-31 }", "every 1mo")]
    [InlineData("{ every: 2y, start: 2026-01-31T09:00 }", "every 2y")]
    [InlineData("{ at: [2026-03-02T09:00Z, '2026-03-01 09:00'] }", "2 instants")]
    public void A_schedule_is_read_in_any_form(string written, string summary) =>
        Assert.Equal(summary, Read(written).Summary());

    [Fact]
    public void Options_stand_beside_the_cron_expression()
    {
        var schedule = Read(
            "{ cron: '30 2 * * *', timezone: Europe/Berlin, start: 2026-03-01, end: 2026-12-31T12:00Z, interval: 2h, "
                + "jitter: 5m, on_gap: skip, on_fold: both, catchup: true }"
        );
        Assert.Equal(
            new Schedule("30 2 * * *", null, "Europe/Berlin", Catchup: true)
            {
                Start = new(2026, 2, 28, 23, 0, 0, TimeSpan.Zero), // midnight in Berlin
                End = new(2026, 12, 31, 12, 0, 0, TimeSpan.Zero),
                Covers = TimeSpan.FromHours(2),
                Jitter = TimeSpan.FromMinutes(5),
                OnGap = GapPolicy.Skip,
                OnFold = FoldPolicy.Both,
            },
            schedule
        );
        Assert.True(Read("{ cron: '@daily', interval: true }").Interval);
        Assert.Equal(new(true, null), Read("{ cron: '@daily', run_immediately: true }").RunImmediately);
        Assert.Equal(new(false, null), Read("{ cron: '@daily', run_immediately: auto }").RunImmediately);
        Assert.Equal(
            new(false, TimeSpan.FromMinutes(5)),
            Read("{ cron: '@daily', run_immediately: 5m }").RunImmediately
        );
    }

    [Theory]
    [InlineData("['@once', '@daily']", "'@once' stands alone")]
    [InlineData("[]", "must list 1 to 50 cron expressions")]
    [InlineData("'0 9 * *'", "it has 4 fields; write 5, 6 or 7")]
    [InlineData("'0 25 * * *'", "hour '25' is out of range; write 0 to 23")]
    [InlineData("'0 9 * * mon,fri#2'", "mixes weekdays with those of one week of the month")]
    [InlineData("{ cron: '@daily', every: 1d }", "must have either 'cron' or 'every'")]
    [InlineData("{ every: 1mo }", "add 'schedule.start'")]
    [InlineData("{ every: 0s }", "such as")]
    [InlineData("{ at: [tomorrow] }", "'tomorrow' is no point in time")]
    [InlineData(
        "{ at: [2026-03-01T09:00Z], interval: true }",
        "'schedule.interval' needs a cron expression or 'every'"
    )]
    [InlineData("{ cron: ['@daily', '@weekly'], interval: true }", "needs a single cron expression")]
    [InlineData("{ cron: '@once', jitter: 5m }", "has no effect on @once")]
    [InlineData("{ every: 15m, on_gap: skip }", "'schedule.on_gap' needs a cron expression")]
    [InlineData("{ cron: '@daily', on_fold: second }", "'schedule.on_fold' is 'second'; write first or last or both")]
    [InlineData("{ cron: '@daily', start: 2026-03-02, end: 2026-03-01 }", "not later than 'schedule.start'")]
    [InlineData("{ cron: '@daily', start: 2026-02-30 }", "is no point in time")]
    [InlineData("{ cron: '@daily', start: 2026-03-01, run_immediately: true }", "has no effect beside 'start'")]
    public void A_mistake_names_the_field_and_what_to_write(string written, string mistake) =>
        Assert.Contains(
            mistake,
            string.Join('\n', DagFile.Read($"dag: a\nschedule: {written}{Tasks}").Mistakes.Select(x => x.Text)),
            StringComparison.Ordinal
        );

    // What the file does not say is not in the hash: learning a new option gives no DAG a new version.
    [Fact]
    public void A_plain_schedule_is_stored_as_ever() =>
        Assert.Equal(
            """{"cron":"0 9 * * *","every":null,"timezone":"UTC","catchup":false}""",
            System.Text.Json.JsonSerializer.Serialize(Read("'0 9 * * *'"), Plumbing.Hosting.Json.Options)
        );

    static Schedule Read(string written) => Plans.Dag($"dag: a\nschedule: {written}{Tasks}").Schedule!;
}
