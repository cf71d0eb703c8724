using Nightshift.DagFiles;
using Nightshift.DagFiles.Groups;

namespace Nightshift.Cli.Dags.Import.Airflow;

/// <summary>
/// The ids that tasks get in the DAG file. A dot in Airflow's id separates a group from its member, as here, wherever the
/// parts can be names.
/// </summary>
sealed class AirflowNames
{
    const int MostGroups = 20; // a DAG file takes no deeper nesting than some fifty levels

    readonly Dictionary<string, string> ids = []; // by the ids in Airflow
    readonly TaskNames names;

    /// <summary>Names tasks, of whom no two have the same id.</summary>
    public AirflowNames(IReadOnlyList<string> tasks)
    {
        var all = tasks.ToHashSet();
        var grouped = tasks.Where(x => CanBeGrouped(x, all)).ToHashSet();
        var taken = grouped.SelectMany(TaskNames.Around).Concat(grouped).ToHashSet();
        foreach (var task in tasks)
            ids[task] = grouped.Contains(task) ? task : DagName.Unique(DagName.OfTask(task), taken);
        names = new(ids.Values);
    }

    /// <summary>The id of a task.</summary>
    /// <param name="task">Its id in Airflow.</param>
    public string this[string task] => ids[task];

    /// <summary>The shortest name by which one task reaches another; null when no name does.</summary>
    public string? Between(string user, string other)
    {
        var (from, to) = (ids[user], ids[other]);
        return TaskNames
            .Around(to)
            .Select(x => x.Length == 0 ? to : to[(x.Length + 1)..])
            .FirstOrDefault(x => names.Find(from, x) == to && names.Find(from, x.Split('.'))?.Task == to);
    }

    static bool CanBeGrouped(string task, HashSet<string> tasks) =>
        task.Length <= DagNames.LongestTaskId
        && task.Split('.') is { Length: <= MostGroups } parts
        && parts.All(DagNames.IsName)
        && !TaskNames.Around(task).Any(tasks.Contains);
}
