using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Templates;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// What templates in the environment of a DAG's tasks may name. Outputs may have any name: a task decides it when it
/// runs.
/// </summary>
/// <param name="Params">The DAG's parameters.</param>
/// <param name="PushOnly">True when only pushes start the DAG by itself: its runs know <c>trigger.*</c>.</param>
sealed record TemplateScope(IReadOnlyList<string> Params, bool PushOnly)
{
    /// <summary>What is wrong with the names in a template of this task, and what to write instead.</summary>
    public IEnumerable<string> Mistakes(string text, TaskSpec task, IReadOnlyDictionary<string, TaskSpec> tasks) =>
        from used in TemplateText.NamesIn(text)
        let mistake = Mistake(used.Name, used.Conditional, task, tasks)
        where mistake is not null
        select $"The template uses '{used.Name.Written}', but {mistake}";

    string? Mistake(TemplateName name, bool conditional, TaskSpec task, IReadOnlyDictionary<string, TaskSpec> tasks) =>
        name.Parts switch
        {
            [var first, ..] when !RunValues.Names.Contains(first) =>
                $"templates have no '{first}'{YamlReader.Suggestion(first, RunValues.Names)}",
            [_, "size" or "first", ..] => null, // Liquid's own
            ["params", var param, ..] when Params.Count == 0 =>
                $"the DAG has no parameters; write 'params: {{ {param}: … }}' with its default",
            ["params", var param, ..] when !Params.Contains(param) =>
                $"the DAG has no parameter '{param}'{YamlReader.Suggestion(param, Params)}",
            ["trigger", var key, ..] => Trigger(key, known: PushOnly || conditional),
            ["tasks", var id, ..] => Output(id, name.Parts.ElementAtOrDefault(2), task, tasks),
            _ => null,
        };

    static string? Trigger(string key, bool known) =>
        !RunValues.TriggerNames.Contains(key)
            ? $"a push has no '{key}'{YamlReader.Suggestion(key, RunValues.TriggerNames)}"
        : known ? null
        : $"a run that no push started has no trigger; write '{{% if trigger.size > 0 %}}{{{{ trigger.{key} }}}}{{% endif %}}'";

    static string? Output(string id, string? what, TaskSpec task, IReadOnlyDictionary<string, TaskSpec> tasks) =>
        !tasks.ContainsKey(id) ? $"the DAG has no task '{id}'{YamlReader.Suggestion(id, [.. tasks.Keys])}"
        : id == task.TaskId || Before(id, tasks).Contains(task.TaskId)
            ? $"that is known only after task '{task.TaskId}'; use what a task before it hands on"
        : !Before(task.TaskId, tasks).Contains(id)
            ? $"task '{task.TaskId}' does not wait for task '{id}'; write 'needs: [{string.Join(", ", task.Needs.Append(id))}]' under task '{task.TaskId}'"
        : what is not (null or "output") ? $"that is not what a task hands on; write 'tasks.{id}.output.' and the name"
        : null;

    // The tasks it needs, those they need, and so on; a circle is another mistake.
    static HashSet<string> Before(string id, IReadOnlyDictionary<string, TaskSpec> tasks)
    {
        var (found, next) = (new HashSet<string>(), new Queue<string>([id]));
        while (next.TryDequeue(out var after))
            if (tasks.TryGetValue(after, out var task))
                foreach (var need in task.Needs)
                    if (found.Add(need))
                        next.Enqueue(need);
        return found;
    }
}
