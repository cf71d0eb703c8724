using System.Text.Json;
using Nightshift.Scheduler.Dags;
using Nightshift.Testing;

namespace Nightshift.Scheduler.Tests.Dags;

/// <summary>
/// Airflow's own answers for every rule over every mix of up to three upstream ends, and for teardowns.
/// </summary>
public sealed class TriggerRuleTables
{
    [Fact]
    public void Every_rule_gives_Airflows_verdict()
    {
        using var file = SharedData.Read("vectors/scheduling/trigger_rules_exhaustive.json");
        foreach (var rule in file.RootElement.GetProperty("table").EnumerateObject())
        foreach (var row in rule.Value.EnumerateArray())
            Check(
                Enum.GetValues<TriggerRule>().Single(x => TriggerRuleNames.Of(x) == rule.Name),
                [],
                States(row[0]),
                row
            );
    }

    [Fact]
    public void A_teardown_gets_Airflows_verdict()
    {
        using var file = SharedData.Read("vectors/scheduling/trigger_rules_exhaustive.json");
        foreach (var row in file.RootElement.GetProperty("teardown").EnumerateArray())
            Check(TriggerRule.AllDoneSetupSuccess, States(row[0]), States(row[1]), row);
    }

    // Airflow 3.1's thirteenth rule is in no table: any skip skips, and at the end one success is enough.
    [Theory]
    [InlineData("skip", "skipped", "unfinished")]
    [InlineData("skip", "success", "skipped")]
    [InlineData("wait", "success", "unfinished")]
    [InlineData("wait", "failed", "unfinished")]
    [InlineData("run", "success", "failed", "upstream_failed")]
    [InlineData("upstream_failed", "failed", "upstream_failed")]
    public void All_done_min_one_success_gives_Airflows_verdict(string verdict, params string[] upstream) =>
        Assert.Equal(
            Parse(verdict),
            TriggerRules.Judge(TriggerRule.AllDoneMinOneSuccess, Counts(setups: [], upstream))
        );

    static void Check(TriggerRule rule, IReadOnlyList<string> setups, IReadOnlyList<string> work, JsonElement row)
    {
        var (expected, got) = (
            Parse(row[row.GetArrayLength() - 1].GetString()!),
            TriggerRules.Judge(rule, Counts(setups, work))
        );
        Assert.True(expected == got, $"{TriggerRuleNames.Of(rule)} over {row}: got {got}");
    }

    static IReadOnlyList<string> States(JsonElement list) => [.. list.EnumerateArray().Select(x => x.GetString()!)];

    static Verdict Parse(string outcome) =>
        outcome switch
        {
            "run" => Verdict.Ready,
            "wait" => Verdict.Wait,
            "skip" => Verdict.Skip,
            _ => Verdict.UpstreamFailed,
        };

    static UpstreamCounts Counts(IReadOnlyList<string> setups, IReadOnlyList<string> work)
    {
        IReadOnlyList<string> all = [.. setups, .. work];
        return new(
            all.Count,
            Count(all, "success"),
            Count(all, "failed"),
            Count(all, "skipped"),
            Count(all, "upstream_failed")
        )
        {
            Setups = setups.Count,
            SetupsSucceeded = Count(setups, "success"),
            SetupsSkipped = Count(setups, "skipped"),
        };
        static int Count(IReadOnlyList<string> states, string state) => states.Count(x => x == state);
    }
}
