using Nightshift.Scheduler.Dags;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>Airflow's own answers for every rule over every mix of up to three upstream ends.</summary>
public sealed class TriggerRuleTables
{
    [Fact]
    public void Every_rule_gives_Airflows_verdict()
    {
        using var table = SharedData.Read("vectors/scheduling/trigger_rules_exhaustive.json");
        var judged = 0;
        foreach (var rule in Enum.GetValues<TriggerRule>())
        {
            // Airflow's twelfth rule in this table belongs to teardown tasks, which DAG files here do not have.
            if (!table.RootElement.GetProperty("table").TryGetProperty(TriggerRules.NameOf(rule), out var rows))
                continue;
            foreach (var row in rows.EnumerateArray())
            {
                var upstream = row[0].EnumerateArray().Select(x => x.GetString()!).ToList();
                var counts = new UpstreamCounts(
                    upstream.Count,
                    Count("success"),
                    Count("failed"),
                    Count("skipped"),
                    Count("upstream_failed")
                );
                var expected = row[1].GetString() switch
                {
                    "run" => Verdict.Ready,
                    "wait" => Verdict.Wait,
                    "skip" => Verdict.Skip,
                    _ => Verdict.UpstreamFailed,
                };
                Assert.True(
                    expected == TriggerRules.Judge(rule, counts),
                    $"{TriggerRules.NameOf(rule)} over [{string.Join(", ", upstream)}]: expected {expected}, got {TriggerRules.Judge(rule, counts)}"
                );
                judged++;
                int Count(string state) => upstream.Count(x => x == state);
            }
        }
        Assert.Equal(438, judged);
    }
}
