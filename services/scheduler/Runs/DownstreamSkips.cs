using System.Text.Json;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// What a task that branches or short-circuits skips behind it, by the value of the output it names.
/// </summary>
static class DownstreamSkips
{
    /// <summary>Why the output of a task that succeeded decides nothing; null when it does, or need not.</summary>
    public static string? MistakeIn(Plan plan, TaskSpec task, Func<string, string?> outputs) =>
        (task.Branch ?? task.ShortCircuit?.Output) is not { } name ? null
        : outputs(name) is not { } value
            ? $"It handed on no output '{name}', which decides what runs behind it; print '::output {name}=…'"
        : task.Branch is null ? null
        : Chosen(plan, task, value) is not { } chosen
            ? $"Its output '{name}' is no list; write the name of a task, or a JSON list of names"
        : chosen.FirstOrDefault(x => plan.Names.Find(task.TaskId, x) is null) is { } unknown
            ? $"Its output '{name}' names '{YamlReader.Shown(unknown)}', which is no "
                + $"{(plan.Names.HasGroups ? "task or group" : "task")} of this DAG"
        : null;

    /// <summary>The tasks that are skipped, in topological order, and why.</summary>
    public static (SkipReason Reason, IReadOnlyList<TaskSpec> Tasks) Of(
        Plan plan,
        TaskSpec task,
        Func<string, string?> outputs
    ) =>
        task switch
        {
            { Branch: { } output } => (
                SkipReason.Branch,
                NotChosen(plan, task, [.. Roots(plan, task, Chosen(plan, task, outputs(output) ?? "") ?? [])])
            ),
            { ShortCircuit: { } circuit } when IsFalse(outputs(circuit.Output) ?? "") => (
                SkipReason.ShortCircuit,
                circuit.IgnoreDownstreamTriggerRules
                    ? [.. plan.Downstream(task.TaskId).Where(x => x.Role is not TaskRole.Teardown)]
                    : [.. plan.After(task.TaskId).Where(x => x.Role is not TaskRole.Teardown)]
            ),
            _ => (SkipReason.TriggerRule, []),
        };

    // A group that is chosen stands for its first tasks.
    static IEnumerable<string> Roots(Plan plan, TaskSpec task, IEnumerable<string> chosen) =>
        chosen
            .Select(x => plan.Names.Find(task.TaskId, x))
            .OfType<string>()
            .SelectMany(plan.First)
            .Select(x => x.TaskId)
            .Distinct();

    // A task behind a chosen one is not skipped, although it needs the branching task too: it is where paths join.
    static IReadOnlyList<TaskSpec> NotChosen(Plan plan, TaskSpec task, IReadOnlyCollection<string> chosen)
    {
        var open = plan.After(task.TaskId).Where(x => !chosen.Contains(x.TaskId)).ToList();
        if (open.Count == 0 || chosen.Count == 0)
            return open;
        var reached = plan.Reached(open, chosen);
        return [.. open.Where(x => !reached.Contains(x.TaskId))];
    }

    // Null for what can be no names.
    static IReadOnlyCollection<string>? Chosen(Plan plan, TaskSpec task, string value)
    {
        value = value.Trim();
        if (plan.Names.Find(task.TaskId, value) is not null)
            return [value];
        if (IsFalse(value))
            return [];
        if (value is not ['[', ..])
            return [value];
        try
        {
            return JsonSerializer.Deserialize<List<string?>>(value)!.Select(x => x ?? "null").ToHashSet();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // As Python writes it too: a task prints what it has.
    static bool IsFalse(string value) =>
        value.Trim().ToLowerInvariant() is "" or "false" or "null" or "none" or "[]" or "{}"
        || CoreSchema.TryNumber(value.Trim(), out var number) && number == 0;
}
