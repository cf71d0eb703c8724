namespace Nightshift.DagFiles;

/// <summary>The tasks of a DAG, each after all it needs.</summary>
/// <param name="Tasks">In topological order: by level, and within one as the file has them. Tasks of a circle, and
/// those behind one, are missing.</param>
/// <param name="Circle">The tasks of one circle; empty when there is none.</param>
sealed record TaskOrder(IReadOnlyList<TaskSpec> Tasks, IReadOnlyList<string> Circle)
{
    /// <summary>
    /// Kahn's algorithm: each task and each need is looked at once. Needs that are no tasks are ignored.
    /// </summary>
    public static TaskOrder Of(IReadOnlyDictionary<string, TaskSpec> tasks)
    {
        var open = tasks.Values.ToDictionary(x => x.TaskId, x => x.Needs.Count(tasks.ContainsKey));
        var after = tasks
            .Values.SelectMany(x => x.Needs, (task, need) => (task, need))
            .ToLookup(x => x.need, x => x.task);
        var levels = new Dictionary<string, int>();
        var ready = new Queue<TaskSpec>(tasks.Values.Where(x => open[x.TaskId] == 0));
        foreach (var task in ready)
            levels[task.TaskId] = 0;
        while (ready.TryDequeue(out var task))
            foreach (var behind in after[task.TaskId])
                if (--open[behind.TaskId] == 0)
                {
                    levels[behind.TaskId] = levels[task.TaskId] + 1; // the queue goes level by level
                    ready.Enqueue(behind);
                }
        return new(
            [.. tasks.Values.Where(x => levels.ContainsKey(x.TaskId)).OrderBy(x => levels[x.TaskId])], // a stable sort
            levels.Count == tasks.Count ? [] : FindCircle(tasks, levels)
        );
    }

    // Each task that was not placed needs another such task: whoever goes from need to need comes back to one.
    static List<string> FindCircle(IReadOnlyDictionary<string, TaskSpec> tasks, Dictionary<string, int> placed)
    {
        var (path, seen) = (new List<string>(), new HashSet<string>());
        var task = tasks.Values.First(x => !placed.ContainsKey(x.TaskId));
        while (seen.Add(task.TaskId))
        {
            path.Add(task.TaskId);
            task = tasks[task.Needs.First(x => tasks.ContainsKey(x) && !placed.ContainsKey(x))];
        }
        return path[path.IndexOf(task.TaskId)..];
    }
}
