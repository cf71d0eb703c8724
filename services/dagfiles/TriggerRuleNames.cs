using System.Text.Json;

namespace Nightshift.DagFiles;

/// <summary>Trigger rules as DAG files and Airflow's API write them.</summary>
public static class TriggerRuleNames
{
    /// <summary>The name of a rule: <c>none_failed_min_one_success</c>.</summary>
    public static string Of(TriggerRule rule) => JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString());
}
