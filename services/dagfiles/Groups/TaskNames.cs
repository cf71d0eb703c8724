namespace Nightshift.DagFiles.Groups;

/// <summary>
/// What the names of tasks and groups mean. The id of a member is its group's id, a dot and its own name, so that the
/// ids of the tasks say which groups there are. A name is looked for beside whoever uses it first, then in the group
/// around, and so outward.
/// </summary>
public sealed class TaskNames
{
    const char Separator = '.';

    readonly HashSet<string> tasks;
    readonly HashSet<string> groups = [];

    /// <summary>The names in a DAG with these tasks.</summary>
    public TaskNames(IEnumerable<string> tasks)
    {
        this.tasks = [.. tasks];
        foreach (var task in this.tasks)
            for (var group = GroupOf(task); group.Length > 0 && groups.Add(group); group = GroupOf(group)) { }
    }

    /// <summary>Whether there is a task of that id.</summary>
    public bool IsTask(string id) => tasks.Contains(id);

    /// <summary>Whether there is a group of that id.</summary>
    public bool IsGroup(string id) => groups.Contains(id);

    /// <summary>Whether there is a group at all.</summary>
    public bool HasGroups => groups.Count > 0;

    /// <summary>The id of a group's member; an empty group is the DAG itself.</summary>
    public static string Join(string group, string name) => group.Length == 0 ? name : $"{group}{Separator}{name}";

    /// <summary>The group in which a task or a group is; empty for none.</summary>
    public static string GroupOf(string id) => id.LastIndexOf(Separator) is var dot and >= 0 ? id[..dot] : "";

    /// <summary>Whether a task or group is in a group, directly or in one of its groups. The DAG itself, which is empty,
    /// has all.</summary>
    public static bool IsIn(string id, string group) =>
        group.Length == 0
        || id.Length > group.Length && id[group.Length] == Separator && id.StartsWith(group, StringComparison.Ordinal);

    /// <summary>The groups that a task or a group is in, the innermost first, and last the DAG itself, which is
    /// empty.</summary>
    public static IEnumerable<string> Around(string id)
    {
        for (var group = GroupOf(id); group.Length > 0; group = GroupOf(group))
            yield return group;
        yield return "";
    }

    /// <summary>
    /// The task or group that a name means; null when there is none. It is whoever uses it, or a group around, only when
    /// nothing else has the name.
    /// </summary>
    /// <param name="user">The id of the task or group that uses the name.</param>
    /// <param name="name">A name, or several joined by dots.</param>
    public string? Find(string user, string name)
    {
        string? own = null;
        foreach (var group in Around(user))
            if (Join(group, name) is var id && (IsTask(id) || IsGroup(id)))
                if (id != user && !IsIn(user, id))
                    return id;
                else
                    own ??= id;
        return own;
    }

    /// <summary>The task that a path begins with, and how many of its parts name it; null when there is none.</summary>
    /// <param name="user">The id of the task that uses it.</param>
    /// <param name="path">Names of groups and a task, and whatever comes behind: <c>load</c>, <c>rows</c>,
    /// <c>output</c>.</param>
    public (string Task, int Parts)? Find(string user, IReadOnlyList<string> path)
    {
        (string, int)? own = null;
        foreach (var group in Around(user))
        {
            var (id, parts) = (Join(group, path[0]), 1);
            while (IsGroup(id) && parts < path.Count)
                id = Join(id, path[parts++]);
            if (!IsTask(id))
                continue;
            if (id != user)
                return (id, parts);
            own ??= (id, parts);
        }
        return own;
    }
}
