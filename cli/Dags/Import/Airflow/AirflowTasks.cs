using Nightshift.Cli.Dags.Import.Airflow.Jinja;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>The tasks of a DAG.</summary>
sealed class AirflowTasks
{
    static readonly string[] Downstream = ["downstream_task_ids", "_downstream_task_ids"];

    readonly AirflowDagParts parts;
    readonly AirflowParams @params;
    readonly string? image;
    readonly ImportFindings findings;
    readonly AirflowNames names;
    readonly Dictionary<string, List<string>> upstream = []; // names in Airflow
    readonly HashSet<string> setups = []; // names in Airflow

    public AirflowTasks(AirflowDagParts parts, AirflowParams @params, string? image, ImportFindings findings)
    {
        (this.parts, this.@params, this.image, this.findings) = (parts, @params, image, findings);
        names = new([.. parts.Tasks.Select(IdOf)]);
        foreach (var task in parts.Tasks)
        {
            var id = IdOf(task);
            upstream[id] = [];
            if (AirflowParts.Field(task, ["is_setup", "_is_setup"]).IsTrue)
                setups.Add(id);
            if (names[id] != id)
                findings.Note(task[0].Where, "task_id", $"'{id}' cannot be a name here; the task is '{names[id]}'");
        }
        foreach (var task in parts.Tasks)
        foreach (var next in AirflowParts.Field(task, Downstream).Items())
            if (next.Text is { } id && upstream.TryGetValue(id, out var before))
                before.Add(IdOf(task));
            else
                findings.Lose(next.Where, "downstream_task_ids", $"The DAG has no task '{next.Scalar}'");
    }

    /// <summary>Whether tasks wait for each other in a circle; Airflow refuses such a DAG too.</summary>
    public bool HasCircle()
    {
        var open = upstream.ToDictionary(x => x.Key, x => x.Value.Distinct().ToList());
        while (
            open.Where(x => x.Value.All(y => !open.ContainsKey(y))).Select(x => x.Key).ToList() is { Count: > 0 } free
        )
            free.ForEach(x => open.Remove(x));
        return open.Count > 0;
    }

    /// <param name="failFast">The first failure ends a run, which leaves nothing to other trigger rules.</param>
    public (YamlMap Tasks, YamlMap Defaults) Read(bool failFast)
    {
        var groups = new AirflowGroups(findings);
        groups.Read(AirflowParts.Field(parts.Parts, ["task_group", "_task_group"]));
        var all = parts.Tasks.Select(x => (Id: names[IdOf(x)], Yaml: Task(x, failFast))).ToList();
        var defaults = Defaults([.. all.Select(x => x.Yaml)]);
        foreach (var (id, yaml) in all)
            groups.Add(id, yaml);
        return (groups.Tasks, defaults);
    }

    YamlMap Task(IReadOnlyList<AirflowValue> task, bool failFast)
    {
        var id = IdOf(task);
        var fields = new AirflowTask(task, parts, @params, findings);
        var needs = upstream[id].Distinct().Select(x => Reached(id, x, task[0].Where)).OfType<string>().ToList();
        var yaml = new YamlMap().Add("needs", needs);
        fields.AddFlow(yaml, failFast || upstream[id].Any(setups.Contains));
        var scope = new JinjaScope(parts.Id, id, @params.Names, x => Before(id, x), findings);
        var kind = new AirflowOperator(fields, scope, image, findings).AddWork(yaml);
        if (kind is not WorkKind.Nothing)
            fields.AddAttempts(yaml);
        fields.ReportTheRest();
        return yaml;
    }

    string? Reached(string task, string other, string where)
    {
        if (names.Between(task, other) is { } name)
            return name;
        findings.Lose(where, "upstream_task_ids", $"No name reaches '{other}' from the groups of the task");
        return null;
    }

    // The task's name here, if it ends before the other begins.
    string? Before(string task, string other)
    {
        var (seen, next) = (new HashSet<string> { task }, new Queue<string>([task]));
        while (next.TryDequeue(out var at))
            foreach (var before in upstream[at].Where(seen.Add))
                next.Enqueue(before);
        return other != task && seen.Contains(other) ? names.Between(task, other) : null;
    }

    // What all tasks have in common is written once.
    static YamlMap Defaults(IReadOnlyList<YamlMap> tasks)
    {
        var (working, defaults) = (tasks.Where(x => x["noop"] is null).ToList(), new YamlMap());
        foreach (var key in AirflowTask.Shared.Where(_ => working.Count > 1))
            if (working[0][key] is { } value && working.All(x => value.Equals(x[key])))
            {
                defaults.Add(key, value);
                working.ForEach(x => x.Remove(key));
            }
        return defaults;
    }

    static string IdOf(IReadOnlyList<AirflowValue> task) => task[0].At("task_id").Text!;
}
