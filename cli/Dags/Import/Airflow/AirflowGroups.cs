using System.Text.Json;
using Nightshift.DagFiles.Groups;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>The tasks of a DAG in their groups.</summary>
/// <param name="findings">Takes what groups have that is not carried over.</param>
sealed class AirflowGroups(ImportFindings findings)
{
    const int MostDepth = 100;

    readonly YamlMap root = new();
    readonly Dictionary<string, YamlMap> members = []; // of each group
    readonly Dictionary<string, string> tooltips = [];

    /// <summary>Reads what groups say of themselves.</summary>
    /// <param name="group">The DAG's own group, or one in it.</param>
    /// <param name="prefix">What the ids of its members begin with; empty for nothing.</param>
    /// <param name="depth">Groups around it.</param>
    public void Read(AirflowValue group, string prefix = "", int depth = 0)
    {
        foreach (var (_, child) in group.At("children").Members().Where(_ => depth < MostDepth))
            if (child.Items().ToList() is [{ Text: "taskgroup" }, { IsObject: true } inner])
                ReadGroup(inner, TaskNames.Join(prefix, inner.At("_group_id").Text ?? ""), depth + 1);
    }

    void ReadGroup(AirflowValue group, string id, int depth)
    {
        var isPrefix = group.At("prefix_group_id").Json.ValueKind is not JsonValueKind.False;
        if (!isPrefix)
            findings.Note(
                group.Where,
                "prefix_group_id",
                $"The names of its tasks do not begin with '{id}', so they are in no group"
            );
        if (group.At("is_mapped").IsTrue || group.At("expand_input").Exists)
            findings.Lose(group.Where, "task_group", $"Group '{id}' is mapped; its tasks run once");
        if (group.At("tooltip").Text is { Length: > 0 } tooltip)
            tooltips[id] = tooltip;
        Read(group, isPrefix ? id : "", depth);
    }

    /// <summary>The tasks and groups.</summary>
    public YamlMap Tasks => root;

    /// <summary>Adds a task where it belongs.</summary>
    public void Add(string id, YamlMap task)
    {
        var group = TaskNames.GroupOf(id);
        var name = group.Length == 0 ? id : id[(group.Length + 1)..];
        if (group.Length == 0)
            root.Add(name, task);
        else if (members.TryGetValue(group, out var tasks))
            tasks.Add(name, task);
        else
            AddGroup(group, members[group] = new YamlMap().Add(name, task));
    }

    void AddGroup(string id, YamlMap tasks) =>
        Add(id, new YamlMap().Add("tooltip", tooltips.GetValueOrDefault(id)).Add("tasks", tasks));
}
