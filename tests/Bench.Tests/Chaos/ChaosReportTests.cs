using Nightshift.Bench.Chaos;

namespace Nightshift.Bench.Tests.Chaos;

public sealed class ChaosReportTests
{
    const string Run = "manual__chaos-chain__1";

    static readonly ChaosOptions Options = new(1, 5, ["executor"], TimeSpan.FromMinutes(1));

    [Fact]
    public void A_stall_within_the_limit_keeps_the_promise()
    {
        var report = Report(Stalled(seconds: 5));
        Assert.Empty(report.Violations);
        Assert.Contains("Every promise was kept", report.ToText(), StringComparison.Ordinal);
        Assert.Equal(5, report.Rows.Single(x => x.Part == "executor").LongestStall?.Length.TotalSeconds);
    }

    [Fact]
    public void A_stall_over_the_limit_breaks_it_and_says_where()
    {
        var report = Report(Stalled(seconds: 6));
        Assert.Equal(Promise.GoesOn, Assert.Single(report.Violations).Promise);
        Assert.Contains($"{Run} stood still for 6.0 s after run_queued", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_part_has_a_row_with_what_it_broke()
    {
        var report = Report(
            new History()
                .Expect(Run, "a")
                .Expect("manual__chaos-chain__2", "a")
                .Killed("executor", 0)
                .Killed("scheduler", 4)
                .Killed("scheduler", 6)
                .Run(0, Run, "run_queued")
                .Run(1, Run, "task_succeeded", "a")
                .Run(2, Run, "task_succeeded", "a")
                .Run(2, Run, "run_finished", outcome: "Succeeded")
                .Run(5, "manual__chaos-chain__2", "run_queued")
                .Until(7)
        );
        Assert.Equal(
            [(Observation.Undisturbed, 0, 0, 0), ("executor", 1, 1, 0), ("scheduler", 2, 0, 1)],
            report.Rows.Select(x => (x.Part, x.Kills, x.AcceptedTwice, x.NotEnded))
        );
    }

    [Fact]
    public void What_was_found_outside_the_streams_breaks_a_promise_too() =>
        Assert.Single(
            ChaosReport
                .Of(Options, Stalled(seconds: 1), [new("docker", Promise.NothingLeft, "container /x")])
                .Violations
        );

    static Observation Stalled(int seconds) =>
        new History()
            .Expect(Run, "a")
            .Killed("executor", 0)
            .Run(0, Run, "run_queued")
            .Run(seconds, Run, "task_succeeded", "a")
            .Run(seconds, Run, "run_finished", outcome: "Succeeded")
            .Until(9);

    static ChaosReport Report(Observation seen) => ChaosReport.Of(Options, seen, []);
}
