using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Nightshift.Scheduler.Runs;
using static Nightshift.Scheduler.Tests.Plans;
using static Nightshift.Scheduler.Tests.Runs.Playback;

namespace Nightshift.Scheduler.Tests.Runs;

public sealed class RetryDelaySpecs
{
    static TimeSpan Delay(string fields, int tries, string task = "a", DateTimeOffset? date = null)
    {
        var spec = Dag($"dag: d\ntasks: {{ {task}: {{ noop: true, {fields} }} }}").Tasks[0];
        return RetryDelay.Of(spec, "d", date ?? T0, tries);
    }

    [Theory]
    [InlineData("retry_delay: 30s", 5, 30, 30)]
    [InlineData("retry_delay: 30s, retry_exponential_backoff: true", 1, 30, 59)]
    [InlineData("retry_delay: 30s, retry_exponential_backoff: true", 5, 480, 959)]
    [InlineData("retry_delay: 30s, retry_exponential_backoff: 3", 3, 270, 539)]
    [InlineData("retry_delay: 30s, retry_exponential_backoff: true, max_retry_delay: 1h", 9, 3600, 3600)]
    [InlineData("retry_delay: 0s, retry_exponential_backoff: true", 1, 1, 1)]
    [InlineData("retry_delay: 30s, retry_exponential_backoff: true", 101, 86400, 86400)] // a day at most
    [InlineData("retry_delay: 30s, retry_exponential_backoff: false, max_retry_delay: 10s", 2, 30, 30)] // as in Airflow
    public void The_wait_is_within_Airflows_bounds(string fields, int tries, int least, int most) =>
        Assert.InRange(Delay(fields, tries).TotalSeconds, least, most);

    // sha1("d#a#2026-03-01 09:00:00+00:00#1") mod 300, computed with Python
    [Fact]
    public void The_jitter_is_Airflows() =>
        Assert.Equal(TimeSpan.FromSeconds(542), Delay("retry_delay: 5m, retry_exponential_backoff: true", 1));

    [Fact]
    public void The_jitter_is_Airflows_for_dates_with_microseconds_too() =>
        Assert.Equal(
            TimeSpan.FromSeconds(544),
            Delay("retry_delay: 5m, retry_exponential_backoff: true", 1, date: T0.AddTicks(1234560))
        );

    [Property]
    public Property The_wait_is_the_same_each_time_and_never_longer_than_a_day(PositiveInt seconds, PositiveInt tries)
    {
        var fields = $"retry_delay: {seconds.Get % 600_000}s, retry_exponential_backoff: true";
        var (first, second) = (Delay(fields, tries.Get), Delay(fields, tries.Get));
        return (first == second && first >= TimeSpan.FromSeconds(1) && first <= TimeSpan.FromDays(1)).ToProperty();
    }

    [Fact]
    public void Tries_count_anew_after_a_clear_and_leave_out_faults_of_the_infrastructure()
    {
        var dag = Dag("dag: d\ntasks: { a: { run: ./a, retries: 3, retry_exponential_backoff: true } }");
        var run = Run.None;
        void Then(IReadOnlyList<RunEvent> events) => run = events.Aggregate(run, Run.Evolve);
        TimeSpan Retry(int attempt)
        {
            var events = RunDecider.Decide(run, Report("a", attempt, "exit 1"));
            Then(events);
            var retry = Assert.IsType<TaskUpForRetry>(events[0]);
            Then(RunDecider.Decide(run, new RetryDue("a", attempt + 1, T0)));
            return retry.RetryAt - retry.At;
        }
        Then(RunDecider.Decide(run, Start(dag)));
        var (first, second) = (Retry(1), Retry(2));
        Assert.True(second >= TimeSpan.FromMinutes(1) && first < second);
        Then(RunDecider.Decide(run, Faulted("a", 3)));
        Then(RunDecider.Decide(run, new RetryDue("a", 4, T0)));
        Assert.InRange(Retry(4), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4)); // the third try that failed
        Then(RunDecider.Decide(run, Report("a", 5, "exit 1")));
        Then(RunDecider.Decide(run, new ClearTask("a", 5, 128, "case", T0)));
        Assert.Equal(first, Retry(6));
    }
}
