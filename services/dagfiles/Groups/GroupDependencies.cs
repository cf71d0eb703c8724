namespace Nightshift.DagFiles.Groups;

/// <summary>
/// Makes needs between tasks of needs between tasks and groups, as Airflow does. What needs a group needs its last
/// tasks: those that no other of the group needs, and instead of a teardown what it comes after. What a group needs,
/// its first tasks need: those that need no other of the group.
/// </summary>
/// <param name="tasks">The tasks.</param>
/// <param name="groups">The groups' ids.</param>
sealed class GroupDependencies(IReadOnlyDictionary<string, TaskSpec> tasks, IReadOnlyCollection<string> groups)
{
    readonly Dictionary<string, List<string>> needs = tasks.Keys.ToDictionary(x => x, _ => new List<string>());
    readonly ILookup<string, TaskSpec> members = tasks
        .Values.SelectMany(x => TaskNames.Around(x.TaskId), (task, group) => (task, group))
        .Where(x => x.group.Length > 0)
        .ToLookup(x => x.group, x => x.task);
    readonly Dictionary<string, (IReadOnlyList<string> First, IReadOnlyList<string> Last)> ends = [];
    long added;

    /// <summary>What each task needs.</summary>
    /// <param name="declared">Which task or group needs which.</param>
    /// <param name="onTooMany">Called once for whoever is the first to have more of them than a DAG may have by its
    /// groups.</param>
    // A need inside a group counts for which of its tasks are the first and the last, so inner groups come first.
    public IReadOnlyDictionary<string, List<string>> Of(
        IEnumerable<(string User, string Needed)> declared,
        Action<string> onTooMany
    )
    {
        var byGroup = declared.ToLookup(x => TaskNames.Around(x.User).First(y => TaskNames.IsIn(x.Needed, y)));
        foreach (var group in groups.OrderByDescending(x => x.Count(c => c == '.')).Append(""))
        {
            foreach (var (user, needed) in byGroup[group])
                if (!Add(FirstOf(user), LastOf(needed)))
                {
                    onTooMany(user);
                    return needs;
                }
            if (group.Length > 0)
                ends[group] = EndsOf(group);
        }
        return needs;
    }

    bool Add(IReadOnlyList<string> first, IReadOnlyList<string> last)
    {
        if (first.Count * (long)last.Count > 1 && (added += first.Count * (long)last.Count) > DagFileLimits.GroupNeeds)
            return false;
        foreach (var task in first)
            needs[task].AddRange(last);
        return true;
    }

    IReadOnlyList<string> FirstOf(string id) => ends.TryGetValue(id, out var group) ? group.First : [id];

    IReadOnlyList<string> LastOf(string id) => ends.TryGetValue(id, out var group) ? group.Last : [id];

    (IReadOnlyList<string> First, IReadOnlyList<string> Last) EndsOf(string group)
    {
        var after = members[group]
            .SelectMany(x => needs[x.TaskId].Distinct(), (task, need) => (task, need))
            .Where(x => TaskNames.IsIn(x.need, group))
            .ToLookup(x => x.need, x => x.task);
        var first = members[group].Where(x => !needs[x.TaskId].Exists(y => TaskNames.IsIn(y, group)));
        var last = members[group].Where(x => !after.Contains(x.TaskId)).ToList();
        var work = last.Where(x => !IsTeardown(x)).Select(x => x.TaskId).Concat(BeforeTeardowns(last, group, after));
        return (
            [.. first.Select(x => x.TaskId)],
            work.Distinct().ToList() is { Count: > 0 } found ? found : OrElse(group, after, last)
        );
    }

    // A teardown that needs its setup alone comes after nothing else.
    List<string> BeforeTeardowns(IEnumerable<TaskSpec> last, string group, ILookup<string, TaskSpec> after)
    {
        var (found, open) = (new List<string>(), new Queue<TaskSpec>(last.Where(IsTeardown)));
        var seen = open.Select(x => x.TaskId).ToHashSet();
        while (open.TryDequeue(out var teardown))
            foreach (var need in needs[teardown.TaskId].Where(x => TaskNames.IsIn(x, group) && seen.Add(x)))
                if (IsTeardown(tasks[need]))
                    open.Enqueue(tasks[need]);
                else if (tasks[need].Role is not TaskRole.Setup && after[need].All(IsTeardown))
                    found.Add(need);
        return found;
    }

    // A group of a setup and its teardown, or of teardowns alone.
    List<string> OrElse(string group, ILookup<string, TaskSpec> after, IEnumerable<TaskSpec> last) =>
        members[group].Where(x => !IsTeardown(x) && after[x.TaskId].All(IsTeardown)).ToList() is { Count: > 0 } setups
            ? [.. setups.Select(x => x.TaskId)]
            : [.. last.Select(x => x.TaskId)];

    static bool IsTeardown(TaskSpec task) => task.Role is TaskRole.Teardown;
}
