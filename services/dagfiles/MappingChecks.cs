using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.DagFiles.Templates;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles;

/// <summary>What must hold for tasks with <c>for_each</c>.</summary>
static partial class MappingChecks
{
    /// <summary>Names in templates of a mapped task alone.</summary>
    public static IReadOnlyList<string> Names { get; } = ["item", "map_index"];

    /// <summary>What is wrong within one task, with the field it is about.</summary>
    public static IEnumerable<(string Field, string Mistake)> Of(TaskSpec task, IEnumerable<string> written)
    {
        if (task.ForEach is null)
            foreach (var field in written.Where(x => x is "max_map_length" or "map_index_template"))
                yield return (field, $"'{field}' is for a task with 'for_each'; add that or remove it");
        if (task.ForEach is not null && task.Command.Any(x => ItemInCommand().IsMatch(x)))
            yield return (
                written.Contains("run") ? "run" : "command",
                $"Templates are not allowed in a command: write 'env: {{ ITEM: \"{{{{ item }}}}\" }}' under task "
                    + $"'{task.TaskId}' and use \"$ITEM\" in the line"
            );
        var (length, most) = (LengthOf(task.ForEach ?? []), task.MaxMapLength ?? MapSource.DefaultMaxMapLength);
        if (length > most)
            yield return (
                "for_each",
                $"'{task.TaskId}' would have {length} instances, and max_map_length is {most}; write fewer items, or "
                    + "raise 'max_map_length'"
            );
    }

    /// <summary>What is wrong with the names in a task's templates that only a mapped task knows.</summary>
    /// <param name="name">The name.</param>
    /// <param name="task">The task.</param>
    /// <param name="field">The field with the template.</param>
    public static string? MistakeIn(TemplateName name, TaskSpec task, IReadOnlyList<string> field) =>
        (name.Parts, task.ForEach) switch
        {
            (_, null) => "the task is not mapped; write 'for_each: [ … ]' under it, or another name",
            _ when field[0] == "for_each" => "that is known only when the task has been mapped",
            (["item", "size" or "first" or "last", ..], _) => null, // Liquid's own
            (["item", var item, ..], [{ Name: not null }, ..] sources) when sources.All(x => x.Name != item) =>
                $"'for_each' has no '{YamlReader.Shown(item)}'"
                    + YamlReader.Suggestion(item, sources.Select(x => x.Name!)),
            _ => null,
        };

    /// <summary>Why a template of <c>for_each</c> cannot name a task; null when it can.</summary>
    public static string? MistakeInSource(string of, TaskSpec task) =>
        task.Needs.Contains(of)
            ? null
            : $"task '{task.TaskId}' does not need task '{of}' itself; write 'needs: "
                + $"[{YamlReader.List(task.Needs.Append(of))}]' under task '{task.TaskId}'";

    // What is known of it: lists that templates make count as one item.
    static long LengthOf(IReadOnlyList<MapSource> sources)
    {
        var lengths = sources.Select(x => x.Items is { } items ? Count(items) : 1).ToList();
        return lengths.Contains(0) ? 0 : lengths.Aggregate(1L, (x, y) => Math.Min(x * y, int.MaxValue));
    }

    static long Count(string items)
    {
        using var json = JsonDocument.Parse(items);
        return json.RootElement.GetArrayLength();
    }

    [GeneratedRegex(@"\{\{-?\s{0,9}(?:item|map_index)\b")]
    private static partial Regex ItemInCommand();
}
