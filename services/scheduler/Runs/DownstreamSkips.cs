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
        : Chosen(plan, value) is not { } chosen
            ? $"Its output '{name}' is no list; write the name of a task, or a JSON list of names"
        : chosen.FirstOrDefault(x => !plan.Has(x)) is { } unknown
            ? $"Its output '{name}' names '{YamlReader.Shown(unknown)}', which is no task of this DAG"
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
                NotChosen(plan, task, Chosen(plan, outputs(output) ?? "") ?? [])
            ),
            { ShortCircuit: { } circuit } when IsFalse(outputs(circuit.Output) ?? "") => (
                SkipReason.ShortCircuit,
                circuit.IgnoreDownstreamTriggerRules
                    ? [.. plan.Downstream(task.TaskId).Where(x => x.Role is not TaskRole.Teardown)]
                    : [.. plan.After(task.TaskId).Where(x => x.Role is not TaskRole.Teardown)]
            ),
            _ => (SkipReason.TriggerRule, []),
        };

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
    static IReadOnlyCollection<string>? Chosen(Plan plan, string value)
    {
        value = value.Trim();
        if (plan.Has(value))
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
