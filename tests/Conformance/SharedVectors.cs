using Nightshift.Testing;

namespace Nightshift.Conformance.Tests;

/// <summary>The vectors beside the checkout; skipped where there are none.</summary>
public sealed class SharedVectors
{
    [Theory]
    [InlineData("cron_next_prev_naive.json")]
    [InlineData("cron_validity_match.json")]
    [InlineData("dagrun_state.json")]
    [InlineData("misc_semantics.json")]
    [InlineData("retry_backoff.json")]
    [InlineData("timetables_airflow.json")]
    [InlineData("timetables_dst_derived.json")]
    [InlineData("trigger_rules.json")]
    [InlineData("trigger_rules_exhaustive.json")]
    public void Every_vector_of_a_file_that_can_be_read_passes(string file)
    {
        var report = VectorRun.Of(VectorFile.Read(SharedData.Path($"vectors/scheduling/{file}"), file));
        Assert.Empty(report.Failures);
        Assert.NotEqual(0, report.Count(VectorOutcome.Passed));
    }
}
