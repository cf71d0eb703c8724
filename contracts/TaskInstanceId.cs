using System.Globalization;

namespace Nightshift.Contracts;

/// <summary>
/// Names a task of a run: by the task's name, and for an instance of a mapped task by its index too, <c>load[3]</c>. The
/// names of tasks hold no brackets. Messages and events have such names as their <c>TaskId</c>; only requests and answers
/// of the API have the two parts.
/// </summary>
/// <param name="TaskId">The task of the DAG.</param>
/// <param name="MapIndex">Which instance, from 0; <see cref="NotMapped"/> for a task as a whole.</param>
public readonly record struct TaskInstanceId(string TaskId, int MapIndex)
{
    /// <summary>The index of a task as a whole, as in Airflow.</summary>
    public const int NotMapped = -1;

    /// <summary>True for an instance of a mapped task.</summary>
    public bool IsInstance => MapIndex > NotMapped;

    /// <summary>The name of an instance.</summary>
    public static string Of(string task, int mapIndex) =>
        string.Create(CultureInfo.InvariantCulture, $"{task}[{mapIndex}]");

    /// <summary>The task of the DAG that a name stands for.</summary>
    public static string TaskOf(string name) =>
        name is [.., ']'] && name.IndexOf('[', StringComparison.Ordinal) is var bracket and > 0
            ? name[..bracket]
            : name;

    /// <summary>Reads a name. What is no index belongs to the task's name, which no task has then.</summary>
    public static TaskInstanceId Parse(string name)
    {
        var task = TaskOf(name);
        return
            task.Length < name.Length
            && int.TryParse(
                name.AsSpan(task.Length + 1, name.Length - task.Length - 2),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var index
            )
            && Of(task, index) == name
            ? new(task, index)
            : new(name, NotMapped);
    }

    /// <inheritdoc/>
    public override string ToString() => IsInstance ? Of(TaskId, MapIndex) : TaskId;
}
