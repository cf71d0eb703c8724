using System.Text.Json;

namespace Nightshift.DagFiles;

/// <summary>Weight rules as DAG files and Airflow's API write them.</summary>
public static class WeightRuleNames
{
    /// <summary>The name of a rule: <c>downstream</c>.</summary>
    public static string Of(WeightRule rule) => JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString());
}
