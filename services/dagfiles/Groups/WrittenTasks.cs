using Nightshift.DagFiles.Fields;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Groups;

/// <summary>The entries of <c>tasks:</c> by their ids, with those of groups, as the file has them.</summary>
/// <param name="reader">Collects what is wrong.</param>
sealed class WrittenTasks(YamlReader reader)
{
    readonly Dictionary<string, TaskSpec> tasks = [];
    readonly Dictionary<string, GroupDraft> groups = [];
    readonly Dictionary<string, YamlNode> nodes = [];

    /// <summary>The tasks; what they need is as written.</summary>
    public IReadOnlyDictionary<string, TaskSpec> Tasks => tasks;

    /// <summary>The groups, each before those in it.</summary>
    public IReadOnlyDictionary<string, GroupDraft> Groups => groups;

    /// <summary>Where each stands.</summary>
    public IReadOnlyDictionary<string, YamlNode> Nodes => nodes;

    /// <summary>Reads the tasks of the DAG, or of a group.</summary>
    /// <param name="node">The mapping.</param>
    /// <param name="defaults">What each of them has that does not say otherwise.</param>
    /// <param name="group">The group; empty for the DAG.</param>
    public void Read(YamlNode node, TaskSpec defaults, string group = "")
    {
        var what = group.Length == 0 ? "'tasks'" : $"'tasks.{group}.tasks'";
        var entries = reader.Map(node, what);
        if (entries.Count == 0 && (node is YamlMapping || YamlReader.IsNull(node)))
            reader.Wrong(node, $"{what} is empty; add at least one task");
        foreach (var (name, entry) in entries)
            Read(TaskNames.Join(group, name), name, entry, defaults);
    }

    void Read(string id, string name, YamlNode node, TaskSpec defaults)
    {
        var shown = IsName(node, name) ? id : YamlReader.Shown(id);
        if (id.Length > DagNames.LongestTaskId)
            reader.Wrong(
                node,
                $"'{shown}' has {id.Length} characters with the names of its groups; a task has at most "
                    + $"{DagNames.LongestTaskId}"
            );
        // A long id, or one with dots of its own, would be as many groups, each with its own name.
        if (id.Length > DagNames.LongestTaskId || name.Contains('.', StringComparison.Ordinal))
            return;
        nodes.Add(id, node);
        if (node is YamlMapping map && map.Find("tasks") is { } members)
            ReadGroup(id, shown, node, members, defaults);
        else
            tasks[id] = TaskFields.Read(reader, shown, node, defaults) with { TaskId = id };
    }

    bool IsName(YamlNode node, string name)
    {
        if (DagNames.IsName(name))
            return true;
        var advice = name.Contains('.', StringComparison.Ordinal)
            ? "; a member of a group stands under its group's 'tasks'"
            : "";
        reader.Wrong(
            node,
            $"'{YamlReader.Shown(name)}' cannot be a task's name; use letters, digits, _ and -, at most 100{advice}"
        );
        return false;
    }

    void ReadGroup(string id, string shown, YamlNode node, YamlNode members, TaskSpec defaults)
    {
        var group = GroupFields.Table.Read(reader, node, $"Group '{shown}'", $"tasks.{shown}.", new());
        groups[id] = group.Draft;
        if (group.Draft.Defaults is { } own)
            defaults = TaskFields
                .Shared.Read(reader, own, $"'tasks.{shown}.defaults'", $"tasks.{shown}.defaults.", defaults)
                .Draft;
        Read(members, defaults, id);
    }
}
