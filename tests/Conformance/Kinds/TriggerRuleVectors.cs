using System.Text.Json;
using Nightshift.Scheduler.Dags;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>What a trigger rule makes of counts of upstream tasks.</summary>
public sealed class TriggerRuleVectors : IVectorKind
{
    public bool Reads(Vector vector) =>
        vector.Text("kind") is null
        && vector.Text("trigger_rule") is not null
        && vector.Find("upstream_states") is not null;

    public VectorResult Run(Vector vector)
    {
        if (vector.Find("flag_upstream_failed")?.GetBoolean() is false)
            return VectorResult.Skipped("evaluated without changing a state, which the scheduler never does");
        if (vector.Find("counts_consistent")?.GetBoolean() is false)
            return VectorResult.Skipped("mocked counters that do not add up");
        var pastMet =
            vector.Find("wait_for_past_depends_before_skipping")?.GetBoolean() is not true
            || vector.Find("past_depends_met")?.GetBoolean() is true;
        return VectorResult.Compare(
            vector.Text("expected_outcome"),
            Outcome.Of(
                TriggerRules.Judge(
                    Outcome.Rule(vector.Text("trigger_rule")!),
                    Counts(vector),
                    vector.Find("map_index")?.GetInt32() ?? TriggerRules.NotMapped,
                    maySkip: pastMet
                )
            )
        );
    }

    static UpstreamCounts Counts(Vector vector)
    {
        var states = vector.Find("upstream_states")!.Value;
        int Count(string name) => states.TryGetProperty(name, out var count) ? count.GetInt32() : 0;
        return new(
            vector.Find("upstream_total")!.Value.GetInt32(),
            Count("success"),
            Count("failed"),
            Count("skipped"),
            Count("upstream_failed")
        )
        {
            Removed = Count("removed"),
            Setups = vector.Find("upstream_setup_total")?.GetInt32() ?? 0,
            SetupsSucceeded = Count("success_setup"),
            SetupsSkipped = Count("skipped_setup"),
        };
    }
}

/// <summary>
/// Rows such as <c>[["success", "unfinished"], "wait"]</c> below the rule's name, and
/// <c>[["success"], ["failed"], "run"]</c> for teardowns: setups, work, outcome.
/// </summary>
public sealed class TriggerRuleRows : IVectorKind
{
    public bool Reads(Vector vector) =>
        vector.Data.ValueKind is JsonValueKind.Array
        && vector.Data.GetArrayLength() is 2 or 3
        && (vector.Section == "teardown" || Outcome.IsRule(RuleName(vector)));

    public VectorResult Run(Vector vector)
    {
        var row = vector.Data.EnumerateArray().ToList();
        var lists = row[..^1].Select(x => x.EnumerateArray().Select(y => y.GetString()!).ToList()).ToList();
        var (setups, work) = lists is [var first, var second] ? (first, second) : ([], lists[0]);
        var rule = vector.Section == "teardown" ? TriggerRule.AllDoneSetupSuccess : Outcome.Rule(RuleName(vector));
        return VectorResult.Compare(row[^1].GetString(), Outcome.Of(TriggerRules.Judge(rule, Counts(setups, work))));
    }

    static string RuleName(Vector vector) => vector.Section[(vector.Section.LastIndexOf('/') + 1)..];

    static UpstreamCounts Counts(List<string> setups, List<string> work)
    {
        int Count(string state) => setups.Concat(work).Count(x => x == state);
        return new(
            setups.Count + work.Count,
            Count("success"),
            Count("failed"),
            Count("skipped"),
            Count("upstream_failed")
        )
        {
            Removed = Count("removed"),
            Setups = setups.Count,
            SetupsSucceeded = setups.Count(x => x == "success"),
            SetupsSkipped = setups.Count(x => x == "skipped"),
        };
    }
}

/// <summary>The words of the vectors for rules and verdicts.</summary>
static class Outcome
{
    public static bool IsRule(string name) => Enum.GetValues<TriggerRule>().Any(x => TriggerRuleNames.Of(x) == name);

    public static TriggerRule Rule(string name) =>
        Enum.GetValues<TriggerRule>().Single(x => TriggerRuleNames.Of(x) == name);

    public static string Of(Verdict verdict) =>
        verdict switch
        {
            Verdict.Ready => "run",
            Verdict.Wait => "wait",
            Verdict.Skip => "skip",
            Verdict.UpstreamFailed => "upstream_failed",
            _ => "removed",
        };
}
