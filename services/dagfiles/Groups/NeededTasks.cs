using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Groups;

/// <summary>Finds what the names in <c>needs</c> mean, and gives the tasks the needs of their groups.</summary>
sealed class NeededTasks(YamlReader reader, WrittenTasks written)
{
    readonly TaskNames names = new(written.Tasks.Keys);

    /// <summary>The tasks, whose needs are tasks of the DAG.</summary>
    public IReadOnlyDictionary<string, TaskSpec> Read()
    {
        var declared = written
            .Tasks.Values.SelectMany(x => Found(x.TaskId, "Task", x.Needs))
            .Concat(written.Groups.SelectMany(x => Found(x.Key, "Group", x.Value.Needs)));
        var needs = new GroupDependencies(written.Tasks, [.. written.Groups.Keys.Where(names.IsGroup)]).Of(
            declared,
            user =>
                reader.Wrong(
                    written.Nodes[user],
                    $"With what '{YamlReader.Shown(user)}' needs, groups give the tasks more than "
                        + $"{DagFileLimits.GroupNeeds} needs; put a task with 'noop: true' between the groups"
                )
        );
        return written.Tasks.ToDictionary(x => x.Key, x => x.Value with { Needs = [.. needs[x.Key].Distinct()] });
    }

    IEnumerable<(string User, string Needed)> Found(string user, string kind, IReadOnlyList<string> needs)
    {
        foreach (var name in needs.TakeWhile(_ => !reader.IsFull))
            if (names.Find(user, name) is not { } found)
                Wrong(user, $"{kind} '{user}' needs '{YamlReader.Shown(name)}', which is no {Unknown(user, name)}");
            else if (TaskNames.IsIn(user, found))
                Wrong(user, $"{kind} '{user}' is in group '{found}' and cannot need it; name tasks of the group");
            else if (TaskNames.IsIn(found, user) || user == found && names.IsGroup(user))
                Wrong(user, $"Group '{user}' cannot need itself; 'needs' names what comes before the group");
            else
                yield return (user, found);
    }

    string Unknown(string user, string name)
    {
        var group = TaskNames.GroupOf(user);
        var around = written.Nodes.Keys.Where(x => x != user && TaskNames.GroupOf(x) == group);
        var known = around.Select(x => x[(x.LastIndexOf('.') + 1)..]).Concat(written.Nodes.Keys.Where(x => x != user));
        return $"{(names.HasGroups ? "task or group" : "task")} of this DAG{YamlReader.Suggestion(name, known.Distinct())}";
    }

    void Wrong(string user, string text) => reader.Wrong(written.Nodes[user], text);
}
