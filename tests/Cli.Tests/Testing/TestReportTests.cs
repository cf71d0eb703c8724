using Nightshift.Cli.Testing;

namespace Nightshift.Cli.Tests.Testing;

public sealed class TestReportTests
{
    const string Ctrf = """
        {"results":{"tool":{"name":"xUnit.net v3"},"summary":{"tests":7,"passed":3,"failed":2,"pending":0,"skipped":1,"other":1,"suites":1},"tests":[]}}
        """;

    [Fact]
    public void Counts_come_from_the_summary() => Assert.Equal(new TestReport(3, 2, 1), TestReport.Read(Ctrf));

    [Theory]
    [InlineData("")]
    [InlineData("{\"results\":{")]
    [InlineData("{}")]
    public void Half_a_report_is_no_report(string text) => Assert.Null(TestReport.Read(text));

    [Fact]
    public void Failed_tests_are_told_with_message_and_trace() =>
        Assert.Equal(
            ["A.B.C\nno\n   at A.B", "D"],
            TestReport.Failures(
                """
                {"results":{"tests":[
                  {"name":"A.B.C","status":"failed","message":"no","trace":"   at A.B"},{"name":"fine","status":"passed"},{"name":"D","status":"failed"}]}}
                """
            )
        );

    [Fact]
    public void Half_a_report_tells_of_no_failures() => Assert.Empty(TestReport.Failures("{\"results\":"));

    [Fact]
    public void Skipped_tests_are_told_by_their_reasons() =>
        Assert.Equal(
            ["2 skipped: no data", "1 skipped: no engine"],
            TestReport.Skips(
                """
                {"results":{"tests":[{"status":"skipped","message":"no data"},{"status":"passed"},{"status":"skipped","message":"no engine"},{"status":"skipped","message":"no data"}]}}
                """
            )
        );

    [Fact]
    public void The_last_line_reads_as_others_expect_it() =>
        Assert.Equal("3 passed, 2 failed, 1 skipped", new TestReport(3, 2, 1).ToString());

    [Fact]
    public void Reports_sum_up() =>
        Assert.Equal(new TestReport(4, 6, 8), new TestReport(1, 2, 3) + new TestReport(3, 4, 5));

    [Fact]
    public void A_program_that_fell_over_counts_as_a_failure()
    {
        Assert.Equal(1, TestReport.Judge(null, exitCode: 134, filtered: true).Counted.Failed);
        Assert.Equal(
            new TestReport(5, 1, 0),
            TestReport.Judge(new TestReport(5, 0, 0), exitCode: 134, filtered: false).Counted
        );
    }

    [Fact]
    public void A_program_without_tests_counts_as_a_failure_unless_filtered()
    {
        Assert.Equal(1, TestReport.Judge(TestReport.Nothing, exitCode: 0, filtered: false).Counted.Failed);
        Assert.Equal(0, TestReport.Judge(TestReport.Nothing, exitCode: 0, filtered: true).Counted.Failed);
    }

    [Fact]
    public void Failed_tests_are_not_counted_twice() =>
        Assert.Equal(
            new TestReport(5, 2, 0),
            TestReport.Judge(new TestReport(5, 2, 0), exitCode: 1, filtered: false).Counted
        );
}
