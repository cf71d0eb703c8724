using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>Pools, priorities and limits of a task.</summary>
sealed partial class AirflowTask
{
    static readonly string[] WeightRules = ["downstream", "upstream", "absolute"];

    void AddLimits(YamlMap yaml)
    {
        AddPool(yaml);
        AddWhole(yaml, Field("pool_slots"), "pool_slots", from: 1, usual: 1);
        AddWhole(yaml, Field("priority_weight"), "priority_weight", from: -AirflowLimits.Most, usual: 1);
        AddWeightRule(yaml);
        AddWhole(yaml, Field("max_active_tis_per_dag", "task_concurrency"), "max_active_tis_per_dag", 1, usual: null);
        AddWhole(yaml, Field("max_active_tis_per_dagrun"), "max_active_tis_per_dagrun", 1, usual: null);
    }

    // Airflow's default pool has all tasks that name no other, and ours those that name it: none of them needs it.
    void AddPool(YamlMap yaml)
    {
        var field = Field("pool");
        if (field.IsEmpty || field.Text is PoolName.Default)
            return;
        if (field.Text is not { } pool || !PoolName.IsName(pool))
            findings.Lose(field.Where, "pool", "It cannot be a pool's name: letters, digits, '_', '-' and '.' can");
        else
        {
            yaml.Add("pool", pool);
            findings.Note(field.Where, "pool", $"The pool has to be made: nightshift pools set {pool} SLOTS");
        }
    }

    void AddWeightRule(YamlMap yaml)
    {
        var field = Field("weight_rule");
        if (field.IsEmpty || field.Text is "downstream")
            return;
        if (field.Text is { } rule && WeightRules.Contains(rule))
            yaml.Add("weight_rule", rule);
        else
            findings.Lose(field.Where, "weight_rule", "The rule is Python; the task has downstream");
    }

    void AddWhole(YamlMap yaml, AirflowValue field, string name, int from, int? usual) =>
        AirflowLimits.AddWhole(yaml, field, name, from, usual, findings);
}
