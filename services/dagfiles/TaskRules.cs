using Nightshift.DagFiles.Fields;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>Reads <c>tasks:</c> and checks what must hold between the tasks.</summary>
/// <param name="reader">Collects what is wrong.</param>
/// <param name="root">The file.</param>
/// <param name="scope">What templates may name.</param>
/// <param name="failFast">The DAG's <c>fail_fast</c>.</param>
sealed class TaskRules(YamlReader reader, YamlNode root, TemplateScope scope, bool failFast)
{
    /// <summary>The tasks in topological order; empty when the file has a mistake.</summary>
    public IReadOnlyList<TaskSpec> Read(YamlNode node, TaskSpec defaults)
    {
        var nodes = reader.Map(node, "'tasks'");
        if (nodes.Count == 0 && (node is YamlMapping || YamlReader.IsNull(node)))
            reader.Wrong(node, "'tasks' is empty; add at least one task");
        var tasks = nodes.ToDictionary(x => x.Key, x => Task(x.Key, x.Value, defaults));
        CheckNeeds(nodes, tasks);
        foreach (var (task, mistake) in TaskFlowChecks.Of(tasks, failFast).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(nodes[task], mistake);
        var order = TaskOrder.Of(tasks);
        if (order.Circle.Count > 0)
            reader.Wrong(
                nodes[order.Circle[0]],
                $"These tasks need each other in a circle: {YamlReader.List(order.Circle)}; remove one of their 'needs'"
            );
        else
            CheckTemplates(nodes, order);
        CheckLimits(nodes, tasks.Values);
        return reader.HasMistakes ? [] : order.Tasks;
    }

    TaskSpec Task(string id, YamlNode node, TaskSpec defaults)
    {
        var shown = YamlReader.Shown(id);
        if (DagNames.IsName(id))
            shown = id;
        else
            reader.Wrong(node, $"'{shown}' cannot be a task's name; use letters, digits, _ and -, at most 100");
        return TaskFields.Read(reader, shown, node, defaults) with { TaskId = id };
    }

    void CheckNeeds(IReadOnlyDictionary<string, YamlNode> nodes, Dictionary<string, TaskSpec> tasks)
    {
        foreach (var task in tasks.Values)
        foreach (var unknown in task.Needs.Where(x => !tasks.ContainsKey(x)).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(
                nodes[task.TaskId],
                $"Task '{task.TaskId}' needs '{YamlReader.Shown(unknown)}', which is no task of this "
                    + $"DAG{YamlReader.Suggestion(unknown, tasks.Keys.Where(x => x != task.TaskId))}"
            );
    }

    void CheckTemplates(IReadOnlyDictionary<string, YamlNode> nodes, TaskOrder order)
    {
        foreach (var (task, field, mistake) in scope.Mistakes(order).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(
                YamlReader.Find(nodes[task.TaskId], field)
                    ?? YamlReader.Find(root, ["defaults", .. field])
                    ?? nodes[task.TaskId],
                mistake
            );
    }

    void CheckLimits(IReadOnlyDictionary<string, YamlNode> nodes, IEnumerable<TaskSpec> tasks)
    {
        var total = 0L;
        foreach (var task in tasks.TakeWhile(_ => !reader.IsFull))
        {
            total += task.Command.Sum(x => (long)x.Length) + task.Env.Sum(x => (long)x.Key.Length + x.Value.Length);
            if (total > DagFileLimits.SpecLength)
            {
                reader.Wrong(
                    nodes[task.TaskId],
                    $"With what 'defaults' gives each task, the tasks up to '{task.TaskId}' have more than "
                        + $"{DagFileLimits.SpecLength} characters; put less into 'defaults.env', or write several DAGs"
                );
                return;
            }
            if (ProcessLimits.Mistake(task.Command, task.Env) is { } mistake)
                reader.Wrong(nodes[task.TaskId], $"Task '{task.TaskId}': {mistake}");
        }
    }
}
