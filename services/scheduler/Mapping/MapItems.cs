using System.Text.Json;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Scheduler.Mapping;

/// <summary>What a task is mapped over, in a run.</summary>
static class MapItems
{
    /// <summary>How events name the only list of a task, whose items have no name.</summary>
    public const string Unnamed = "item";

    /// <summary>The event that follows when it is the task's turn: it is mapped, or skipped for want of items, or fails
    /// since there are too many.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">The task.</param>
    /// <param name="at">When (UTC).</param>
    /// <param name="outputs">The outputs beside the run's stream.</param>
    /// <exception cref="TemplateException">A template gives no list.</exception>
    public static RunEvent Decide(Run run, TaskSpec spec, DateTimeOffset at, OutputValues outputs)
    {
        var made = Made(run, spec, at, outputs);
        var lengths = spec.ForEach!.Select(x => Parsed(x, x.Items ?? made[NameOf(x)], outputs).Count).ToList();
        var length = lengths.Contains(0) ? 0 : lengths.Aggregate(1L, (x, y) => Math.Min(x * y, int.MaxValue));
        var most = spec.MaxMapLength ?? MapSource.DefaultMaxMapLength;
        return length switch
        {
            0 => new TaskSkipped(spec.TaskId, at) { Reason = SkipReason.NoItems },
            _ when length > most => throw new TemplateException(
                $"It would be mapped to {length} instances, and max_map_length is {most}"
            ),
            _ => new TaskMapped(spec.TaskId, (int)length, made, at),
        };
    }

    /// <summary>What the templates of an instance see as <c>item</c>.</summary>
    public static object ItemOf(MappedTask mapped, TaskSpec spec, int mapIndex, OutputValues outputs)
    {
        var items = new Dictionary<string, object?>();
        foreach (var source in spec.ForEach!.Reverse()) // the last one varies fastest
        {
            var list = Parsed(source, source.Items ?? TextOf(mapped, NameOf(source), outputs), outputs);
            if (list.Count == 0)
                return ""; // a list that is still to be loaded
            if (source.Name is null)
                return list[mapIndex % list.Count];
            (items[source.Name], mapIndex) = (list[mapIndex % list.Count], mapIndex / list.Count);
        }
        return items;
    }

    static Dictionary<string, string> Made(Run run, TaskSpec spec, DateTimeOffset at, OutputValues outputs) =>
        spec.ForEach!.Any(x => x.Template is not null)
            ? RunValues.RenderedAsTask(
                run,
                spec,
                outputs,
                (values, budget) =>
                    spec.ForEach!.Where(x => x.Template is not null)
                        .ToDictionary(NameOf, x => Text(run, spec, x.Template!, values, at, budget, outputs))
            )
            : [];

    // An output is taken as it is: its text is stored already, and has its hash.
    static string Text(
        Run run,
        TaskSpec spec,
        string template,
        IReadOnlyDictionary<string, object?> values,
        DateTimeOffset at,
        TemplateBudget budget,
        OutputValues outputs
    ) =>
        TemplateExpression.NameIn(template) switch
        {
            ["tasks", .., "output", var output] name
                when run.Plan.Names.Find(spec.TaskId, [.. name.Skip(1)]) is var (task, parts)
                    && parts == name.Count - 3
                    && run.Find(task) is { } upstream
                    && outputs.Find(upstream.Outputs, upstream.StoredOutputs, output) is { } text => text,
            ["params", var param] when run.Queued!.Params.GetValueOrDefault(param) is { } text => text,
            _ => TemplateExpression.Json(template, values, at, budget),
        };

    static string TextOf(MappedTask mapped, string name, OutputValues outputs) =>
        outputs.Find(mapped.Items, mapped.StoredItems, name)
        ?? throw new TemplateException($"The list '{name}' that it is mapped over is not stored any more");

    static IReadOnlyList<object> Parsed(MapSource source, string text, OutputValues outputs) =>
        outputs.ListOf(text, () => Parse(source, text));

    // A list, a mapping, or a text that is one: as the default of a template may be.
    static IReadOnlyList<object> Parse(MapSource source, string text)
    {
        if (text.Length == 0)
            return []; // a list that is still to be loaded; no list of nothing reads so
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(text);
            if (json.ValueKind is JsonValueKind.String && json.GetString()!.Trim() is ['[' or '{', ..] inner)
                json = JsonSerializer.Deserialize<JsonElement>(inner);
            if (json.ValueKind is JsonValueKind.Array)
                return [.. json.EnumerateArray().Select(TaskOutputs.Value)];
            if (json.ValueKind is JsonValueKind.Object)
                return [.. json.EnumerateObject().DistinctBy(x => x.Name).Select(Entry)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { } // no JSON, or half a character
        throw new TemplateException(
            $"'{source.Template}' of for_each is no list and no mapping, but '{Excerpt(text)}'; hand on JSON, such as "
                + "::output files=[\"a\", \"b\"]"
        );
    }

    static Dictionary<string, object?> Entry(JsonProperty x) =>
        new() { ["key"] = x.Name, ["value"] = TaskOutputs.Value(x.Value) };

    static string NameOf(MapSource source) => source.Name ?? Unnamed;

    static string Excerpt(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
