using System.Globalization;
using Nightshift.Scheduler.Backfills;
using Nightshift.Scheduler.Runs;
using Nightshift.Testing;
using static Nightshift.Scheduler.Tests.Plans;

namespace Nightshift.Scheduler.Tests.Backfills;

public sealed class BackfillDeciderSpecs
{
    static readonly DateTimeOffset Now = new(2026, 3, 20, 12, 0, 0, TimeSpan.Zero);

    static readonly DagSpec Daily = Dag("dag: daily\nschedule: '@daily'\ntasks: { x: { noop: true } }");

    static Given<Backfill> Given(params object[] events) => new(BackfillStream.Definition, events);

    static DateTimeOffset Day(int day) => new(2026, 3, day, 0, 0, 0, TimeSpan.Zero);

    static RunId RunOf(int day) => RunId.Backfill("daily", Day(day), 7);

    static CreateBackfill Create(
        int from = 1,
        int to = 4,
        bool backwards = false,
        ReprocessBehavior reprocess = ReprocessBehavior.None,
        int atMost = 2
    ) =>
        new(
            7,
            Daily,
            new(Day(from), Day(to), backwards, reprocess, atMost),
            ParamConf.None,
            "ada",
            ActiveBackfillId: null,
            Now
        );

    static BackfillCreated Created(CreateBackfill? create = null) =>
        (BackfillCreated)BackfillDecider.Decide(Backfill.None, create ?? Create()).Single();

    static AdvanceBackfill Advance(
        IReadOnlyDictionary<RunId, RunOutcome>? ended = null,
        IReadOnlyDictionary<DateTimeOffset, LatestRun>? latest = null,
        int known = 500
    ) =>
        new(
            ended ?? new Dictionary<RunId, RunOutcome>(),
            known,
            latest ?? new Dictionary<DateTimeOffset, LatestRun>(),
            Now
        );

    static Dictionary<RunId, RunOutcome> Ended(params (int Day, RunOutcome Outcome)[] runs) =>
        runs.ToDictionary(x => RunOf(x.Day), x => x.Outcome);

    static BackfillRunRequested Requested(int day) => new(RunOf(day), Day(day), Now);

    static string Days(IEnumerable<BackfillDate> dates) => string.Join(' ', dates.Select(x => x.Start.Day));

    [Fact]
    public void Its_dates_are_fixed_when_it_is_created()
    {
        Assert.Equal("1 2 3 4", Days(Created().Dates));
        Assert.Equal("4 3 2 1", Days(Created(Create(backwards: true)).Dates));
        Given(Created()).When(x => BackfillDecider.Decide(x, Create())).ExpectNothing();
    }

    // schedule │ from │ to │ logical dates
    [Theory]
    [InlineData("'0 6 * * 1'", "2026-03-01T00:00Z", "2026-03-20T00:00Z", "03-02T06 03-09T06 03-16T06")]
    [InlineData("{ cron: '@daily', interval: true }", "2026-03-01T00:00Z", "2026-03-02T00:00Z", "03-01T00 03-02T00")]
    [InlineData("{ every: 12h }", "2026-03-01T01:00Z", "2026-03-02T00:00Z", "03-01T12 03-02T00")]
    [InlineData("{ cron: '@daily', timezone: Europe/Berlin }", "2026-03-01T00:00Z", "2026-03-02T00:00Z", "03-01T23")]
    [InlineData("{ cron: '@daily', start: 2026-03-02 }", "2026-03-01T00:00Z", "2026-03-02T00:00Z", "03-01T00 03-02T00")]
    [InlineData("{ cron: '@daily', interval: true }", "2026-03-18T00:00Z", "2026-03-20T00:00Z", "03-18T00 03-19T00")]
    public void Dates_are_those_of_the_schedule_whose_runs_are_due(
        string schedule,
        string from,
        string to,
        string expected
    )
    {
        var dag = Dag($"dag: d\nschedule: {schedule}\ntasks: {{ x: {{ noop: true }} }}");
        var range = Create().Range with { FromDate = At(from), ToDate = At(to) };
        Assert.Equal(
            expected,
            string.Join(' ', BackfillDates.Of(dag, range, Now).Select(x => $"{x.Start.UtcDateTime:MM-ddTHH}"))
        );
    }

    // schedule │ from │ to │ what is refused
    [Theory]
    [InlineData("schedule: '@daily'", "2026-03-05T00:00Z", "2026-03-04T00:00Z", "invalid_from_date")]
    [InlineData("schedule: '@daily'", "2026-03-05T00:00Z", "2026-03-20T12:00:01Z", "invalid_to_date")]
    [InlineData("schedule: '@monthly'", "2026-03-05T00:00Z", "2026-03-06T00:00Z", "invalid_to_date")]
    [InlineData("schedule: { every: 1m }", "2026-03-01T00:00Z", "2026-03-20T00:00Z", "invalid_to_date")]
    [InlineData("schedule: '@once'", "2026-03-01T00:00Z", "2026-03-02T00:00Z", "dag_not_scheduled")]
    [InlineData("schedule: '@continuous'", "2026-03-01T00:00Z", "2026-03-02T00:00Z", "dag_not_scheduled")]
    [InlineData("fail_fast: false", "2026-03-01T00:00Z", "2026-03-02T00:00Z", "dag_not_scheduled")]
    public void What_cannot_be_filled_is_refused(string line, string from, string to, string code)
    {
        var dag = Dag($"dag: d\n{line}\ntasks: {{ x: {{ noop: true }} }}");
        var range = Create().Range with { FromDate = At(from), ToDate = At(to) };
        Given().When(x => BackfillDecider.Decide(x, Create() with { Dag = dag, Range = range })).ExpectRejection(code);
    }

    [Fact]
    public void A_DAG_has_one_active_backfill() =>
        Given()
            .When(x => BackfillDecider.Decide(x, Create() with { ActiveBackfillId = 6 }))
            .ExpectRejection("backfill_active");

    [Fact]
    public void Runs_are_requested_in_order_as_far_as_there_is_room() =>
        Given(Created())
            .When(x => BackfillDecider.Decide(x, Advance()))
            .Expect(Requested(1), Requested(2))
            .When(x => BackfillDecider.Decide(x, Advance(Ended((2, RunOutcome.Failed)))))
            .Expect(new BackfillRunEnded(RunOf(2), RunOutcome.Failed, Now), Requested(3))
            .When(x => BackfillDecider.Decide(x, Advance(Ended((1, RunOutcome.Succeeded), (3, RunOutcome.Succeeded)))))
            .Expect(
                new BackfillRunEnded(RunOf(1), RunOutcome.Succeeded, Now),
                new BackfillRunEnded(RunOf(3), RunOutcome.Succeeded, Now),
                Requested(4)
            )
            .When(x => BackfillDecider.Decide(x, Advance(Ended((4, RunOutcome.Succeeded)))))
            .Expect(new BackfillRunEnded(RunOf(4), RunOutcome.Succeeded, Now), new BackfillCompleted(Now));

    [Fact]
    public void Dates_that_were_not_looked_at_are_left_for_later() =>
        Assert.Equal(
            [Requested(1)],
            BackfillDecider.Decide(Given(Created()).State, Advance(known: 1)).Cast<BackfillRunRequested>()
        );

    // 1 has no run, 2 succeeded, 3 failed, 4 is under way
    [Theory]
    [InlineData(ReprocessBehavior.None, "run, already exists, already exists, in flight")]
    [InlineData(ReprocessBehavior.Failed, "run, already exists, run, in flight")]
    [InlineData(ReprocessBehavior.Completed, "run, run, run, in flight")]
    public void Dates_with_a_run_are_run_again_as_asked(ReprocessBehavior reprocess, string expected)
    {
        var latest = new Dictionary<DateTimeOffset, LatestRun>
        {
            [Day(2)] = new(new("scheduled__daily__2"), RunOutcome.Succeeded),
            [Day(3)] = new(new("scheduled__daily__3"), RunOutcome.Failed),
            [Day(4)] = new(new("scheduled__daily__4"), null),
        };
        var events = BackfillDecider.Decide(
            Given(Created(Create(reprocess: reprocess, atMost: 10))).State,
            Advance(latest: latest)
        );
        Assert.Equal(
            expected,
            string.Join(
                ", ",
                events.Select(x =>
                    x is BackfillDateSkipped skipped
                        ? skipped.Reason is DateSkipReason.InFlight
                            ? "in flight"
                            : "already exists"
                        : "run"
                )
            )
        );
    }

    [Fact]
    public void A_backfill_without_anything_to_do_is_completed_at_once()
    {
        var latest = Enumerable
            .Range(1, 4)
            .ToDictionary(Day, x => new LatestRun(new($"scheduled__daily__{x}"), RunOutcome.Succeeded));
        Assert.IsType<BackfillCompleted>(BackfillDecider.Decide(Given(Created()).State, Advance(latest: latest))[^1]);
    }

    [Fact]
    public void While_it_is_paused_ends_are_noted_and_nothing_is_requested() =>
        Given(Created(), Requested(1), Requested(2))
            .When(x => BackfillDecider.Decide(x, new PauseBackfill("ada", Now)))
            .Expect(new BackfillPaused("ada", Now))
            .When(x => BackfillDecider.Decide(x, Advance(Ended((1, RunOutcome.Succeeded)))))
            .Expect(new BackfillRunEnded(RunOf(1), RunOutcome.Succeeded, Now))
            .When(x => BackfillDecider.Decide(x, new UnpauseBackfill("ada", Now)))
            .Expect(new BackfillUnpaused("ada", Now))
            .When(x => BackfillDecider.Decide(x, Advance()))
            .Expect(Requested(3));

    [Fact]
    public void A_cancelled_backfill_requests_nothing_and_stays_cancelled()
    {
        var cancelled = Given(Created(), Requested(1), Requested(2))
            .When(x => BackfillDecider.Decide(x, new CancelBackfill("ada", Now)))
            .Expect(new BackfillCancelled("ada", Now));
        cancelled.When(x => BackfillDecider.Decide(x, Advance(Ended((1, RunOutcome.Succeeded))))).ExpectNothing();
        cancelled.When(x => BackfillDecider.Decide(x, new PauseBackfill("ada", Now))).ExpectRejection("backfill_ended");
        Given()
            .When(x => BackfillDecider.Decide(x, new CancelBackfill("ada", Now)))
            .ExpectRejection("unknown_backfill");
    }

    [Fact]
    public void A_run_that_cannot_be_made_makes_room_for_the_next() =>
        Given(Created(), Requested(1), Requested(2))
            .When(x => BackfillDecider.Decide(x, new RefuseBackfillRun(RunOf(1), "no such parameter", Now)))
            .Expect(new BackfillRunRefused(RunOf(1), "no such parameter", Now))
            .When(x => BackfillDecider.Decide(x, Advance()))
            .Expect(Requested(3));

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
