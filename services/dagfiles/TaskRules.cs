using Nightshift.DagFiles.Groups;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>Reads <c>tasks:</c> and checks what must hold between the tasks.</summary>
/// <param name="reader">Collects what is wrong.</param>
/// <param name="root">The file.</param>
/// <param name="scope">What templates may name.</param>
/// <param name="failFast">The DAG's <c>fail_fast</c>.</param>
sealed class TaskRules(YamlReader reader, YamlNode root, TemplateScope scope, bool failFast)
{
    readonly WrittenTasks written = new(reader);

    /// <summary>The tasks in topological order, and the groups; nothing when the file has a mistake.</summary>
    public (IReadOnlyList<TaskSpec> Tasks, IReadOnlyList<TaskGroup> Groups) Read(YamlNode node, TaskSpec defaults)
    {
        written.Read(node, defaults);
        var tasks = new NeededTasks(reader, written).Read();
        foreach (var (task, mistake) in TaskFlowChecks.Of(tasks, failFast).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(written.Nodes[task], mistake);
        var order = TaskOrder.Of(tasks);
        if (order.Circle.Count > 0)
            reader.Wrong(
                written.Nodes[order.Circle[0]],
                $"These tasks need each other in a circle: {YamlReader.List(order.Circle)}; remove one of their 'needs'"
            );
        else
            CheckTemplates(order);
        CheckLimits(tasks.Values);
        return reader.HasMistakes
            ? ([], [])
            : (order.Tasks, [.. written.Groups.Select(x => new TaskGroup(x.Key) { Tooltip = x.Value.Tooltip })]);
    }

    void CheckTemplates(TaskOrder order)
    {
        foreach (var (task, field, mistake) in scope.Mistakes(order).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(FieldOf(task.TaskId, field), mistake);
    }

    // Its own, or that of the defaults of a group around it, or of the file.
    YamlNode FieldOf(string task, IReadOnlyList<string> field) =>
        YamlReader.Find(written.Nodes[task], field)
        ?? TaskNames
            .Around(task)
            .Select(x => x.Length == 0 ? root : written.Nodes[x])
            .Select(x => YamlReader.Find(x, ["defaults", .. field]))
            .FirstOrDefault(x => x is not null)
        ?? written.Nodes[task];

    void CheckLimits(IEnumerable<TaskSpec> tasks)
    {
        var total = 0L;
        foreach (var task in tasks.TakeWhile(_ => !reader.IsFull))
        {
            total += task.Command.Sum(x => (long)x.Length) + task.Env.Sum(x => (long)x.Key.Length + x.Value.Length);
            total += task.ForEach?.Sum(x => (long)(x.Items?.Length ?? 0)) ?? 0;
            if (total > DagFileLimits.SpecLength)
            {
                reader.Wrong(
                    written.Nodes[task.TaskId],
                    $"With what 'defaults' gives each task, the tasks up to '{task.TaskId}' have more than "
                        + $"{DagFileLimits.SpecLength} characters; put less into 'defaults.env', or write several DAGs"
                );
                return;
            }
            if (ProcessLimits.Mistake(task.Command, task.Env) is { } mistake)
                reader.Wrong(written.Nodes[task.TaskId], $"Task '{task.TaskId}': {mistake}");
        }
    }
}
