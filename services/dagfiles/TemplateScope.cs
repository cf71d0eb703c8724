using Nightshift.DagFiles.Groups;
using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>
/// What templates in the environment of a DAG's tasks may name. Outputs may have any name: a task decides it when it
/// runs.
/// </summary>
/// <param name="Params">The DAG's parameters.</param>
/// <param name="PushOnly">True when only pushes start the DAG by itself: its runs know <c>trigger.*</c>.</param>
sealed record TemplateScope(IReadOnlySet<string> Params, bool PushOnly)
{
    /// <summary>What is wrong with the names in the templates of these tasks, and what to write instead.</summary>
    /// <returns>The field is the path to it in the task: <c>env</c> and the variable, or <c>run_if</c>.</returns>
    public IEnumerable<(TaskSpec Task, IReadOnlyList<string> Field, string Mistake)> Mistakes(TaskOrder order)
    {
        var tasks = order.Tasks.ToDictionary(x => x.TaskId);
        var ids = new TaskNames(tasks.Keys);
        var parsed = new Dictionary<string, IReadOnlyList<(TemplateName Name, bool Conditional)>>();
        var uses = new List<Use>();
        foreach (var task in order.Tasks)
        foreach (var (field, text) in TemplatesOf(task))
        {
            if (!parsed.TryGetValue(text, out var names)) // what 'defaults' gives each task is parsed once
                parsed[text] = names = TemplateText.NamesIn(text);
            uses.AddRange(names.Select(x => new Use(task, field, x.Name, x.Conditional, Upstream(ids, task, x.Name))));
        }
        var before = Before(order, uses);
        return from used in uses
            let mistake = Mistake(used, ids, tasks, before)
            where mistake is not null
            select (used.Task, used.Field, $"The template uses '{YamlReader.Shown(used.Name.Written)}', but {mistake}");
    }

    /// <param name="Task">The task whose template it is.</param>
    /// <param name="Field">The template.</param>
    /// <param name="Name">The name in it.</param>
    /// <param name="Conditional">Whether it is under a condition.</param>
    /// <param name="Upstream">The task whose output it names; null for none.</param>
    sealed record Use(
        TaskSpec Task,
        IReadOnlyList<string> Field,
        TemplateName Name,
        bool Conditional,
        string? Upstream
    );

    static string? Upstream(TaskNames ids, TaskSpec task, TemplateName name) =>
        name.Parts is ["tasks", _, ..] ? ids.Find(task.TaskId, [.. name.Parts.Skip(1)])?.Task : null;

    static IEnumerable<(IReadOnlyList<string> Field, string Text)> TemplatesOf(TaskSpec task)
    {
        foreach (var (variable, text) in task.Env)
            yield return (["env", variable], text);
        if (task.RunIf is { } run)
            yield return (["run_if"], TemplateCondition.Template(run));
        if (task.SkipIf is { } skip)
            yield return (["skip_if"], TemplateCondition.Template(skip));
        foreach (var source in task.ForEach?.Where(x => x.Template is not null) ?? [])
            yield return (source.Name is { } name ? ["for_each", name] : ["for_each"], source.Template!);
        if (task.MapIndexTemplate is { } index)
            yield return (["map_index_template"], index);
    }

    string? Mistake(
        Use used,
        TaskNames ids,
        IReadOnlyDictionary<string, TaskSpec> tasks,
        HashSet<(string Task, string Before)> before
    ) =>
        MistakeInName(used, ids, tasks, before)
        ?? (
            used is { Field: ["for_each", ..] } && Upstream(ids, used.Task, used.Name) is { } source
                ? MappingChecks.MistakeInSource(source, used.Task)
                : null
        );

    string? MistakeInName(
        Use used,
        TaskNames ids,
        IReadOnlyDictionary<string, TaskSpec> tasks,
        HashSet<(string Task, string Before)> before
    ) =>
        used.Name.Parts switch
        {
            [var first, ..] when MappingChecks.Names.Contains(first) => MappingChecks.MistakeIn(
                used.Name,
                used.Task,
                used.Field
            ),
            [var first, ..] when !TemplateValues.Names.Contains(first) =>
                $"templates have no '{YamlReader.Shown(first)}'{YamlReader.Suggestion(first, TemplateValues.Names)}",
            [_, "size" or "first", ..] => null, // Liquid's own
            ["params", var param, ..] when Params.Count == 0 =>
                $"the DAG has no parameters; write 'params: {{ {YamlReader.Shown(param)}: … }}' with its default",
            ["params", var param, ..] when !Params.Contains(param) =>
                $"the DAG has no parameter '{YamlReader.Shown(param)}'{YamlReader.Suggestion(param, Params)}",
            ["trigger", var key, ..] => Trigger(key, known: PushOnly || used.Conditional),
            ["var", var key, ..] => VariableKey.Mistake(key) is { } no ? $"no variable can be called so: {no}" : null,
            ["tasks", _, ..] => Output(used, ids, tasks, before),
            _ => null,
        };

    static string? Trigger(string key, bool known) =>
        !TemplateValues.TriggerNames.Contains(key)
            ? $"a push has no '{YamlReader.Shown(key)}'{YamlReader.Suggestion(key, TemplateValues.TriggerNames)}"
        : known ? null
        : $"a run that no push started has no trigger; write '{{{{ trigger.{key} | default: \"none\" }}}}' or "
            + $"'{{% if trigger.size > 0 %}}{{{{ trigger.{key} }}}}{{% endif %}}'";

    static string? Output(
        Use used,
        TaskNames ids,
        IReadOnlyDictionary<string, TaskSpec> tasks,
        HashSet<(string Task, string Before)> before
    )
    {
        var (path, user) = (used.Name.Parts.Skip(1).ToList(), used.Task.TaskId);
        if (ids.Find(user, path) is not var (id, parts))
            return ids.Find(user, string.Join('.', path)) is null ? Unknown(path, user, ids, tasks.Keys) : null;
        return id == user || !before.Contains((user, id)) && StandsBefore(user, id, tasks)
                ? $"that is known only after task '{user}'; use what a task before it hands on"
            : !before.Contains((user, id))
                ? $"task '{user}' does not wait for task '{id}'; write 'needs: "
                    + $"[{YamlReader.List(used.Task.Needs.Append(id))}]' under task '{user}'"
            : path.ElementAtOrDefault(parts) is not (null or "output")
                ? $"that is not what a task hands on; write 'tasks.{id}.output.' and the name"
            : null;
    }

    // As much of the path as is needed to see that there is no such task.
    static string Unknown(List<string> path, string user, TaskNames ids, IEnumerable<string> tasks)
    {
        var known = path.Select((_, i) => string.Join('.', path.Take(i + 1)));
        var name = known.FirstOrDefault(x => ids.Find(user, x) is null) ?? path[0];
        return $"the DAG has no task '{YamlReader.Shown(name)}'{YamlReader.Suggestion(name, tasks)}";
    }

    // Which tasks that templates name stand before the task, directly or through others. 64 of them are followed at
    // once down the order: the cost grows with the tasks that are named, not with all pairs.
    static HashSet<(string Task, string Before)> Before(TaskOrder order, List<Use> uses)
    {
        var asked = uses.Where(x => x.Upstream is not null)
            .GroupBy(x => x.Task, x => x.Upstream!, ReferenceEqualityComparer.Instance)
            .SelectMany(x => Direct((TaskSpec)x.Key!, x))
            .ToLookup(x => x.Direct);
        var found = asked[true].Select(x => (x.Task.TaskId, x.Of)).ToHashSet();
        var position = order.Tasks.Select((x, i) => (x.TaskId, i)).ToDictionary(x => x.TaskId, x => x.i);
        var needs = order
            .Tasks.Select(x => x.Needs.Where(position.ContainsKey).Select(y => position[y]).ToArray())
            .ToArray();
        foreach (var batch in asked[false].GroupBy(x => x.Of).Chunk(64))
        {
            var (bits, reached) = (new ulong[needs.Length], new ulong[needs.Length]);
            for (var i = 0; i < batch.Length; i++)
                bits[position[batch[i].Key]] = 1UL << i;
            for (var i = 0; i < needs.Length; i++)
                foreach (var need in needs[i])
                    reached[i] |= reached[need] | bits[need];
            foreach (var (task, of, _) in batch.SelectMany(x => x))
                if ((reached[position[task.TaskId]] & bits[position[of]]) != 0)
                    found.Add((task.TaskId, of));
        }
        return found;
    }

    static IEnumerable<(TaskSpec Task, string Of, bool Direct)> Direct(TaskSpec task, IEnumerable<string> named)
    {
        var needs = task.Needs.ToHashSet();
        return named.Distinct().Select(x => (task, x, needs.Contains(x)));
    }

    // Only asked for a mistake, of which few are reported.
    static bool StandsBefore(string task, string of, IReadOnlyDictionary<string, TaskSpec> tasks)
    {
        var (found, next) = (new HashSet<string>(), new Queue<string>([of]));
        while (next.TryDequeue(out var after))
            foreach (var need in tasks.TryGetValue(after, out var spec) ? spec.Needs : [])
                if (found.Add(need))
                    next.Enqueue(need);
        return found.Contains(task);
    }
}
