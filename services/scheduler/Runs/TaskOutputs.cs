using System.Globalization;
using System.Text.Json;
using Fluid;
using Fluid.Values;
using Nightshift.DagFiles.Groups;

namespace Nightshift.Scheduler.Runs;

/// <summary>
/// What templates of a task see as <c>tasks</c>. Everything is looked up when a template asks for it: rendering costs the same
/// however many tasks the run has, and loads no output that is not read.
/// </summary>
sealed class TaskOutputs(Run run, string user, OutputValues values, TemplateBudget budget) : IFluidIndexable
{
    readonly Run run = run;
    readonly string user = user;
    readonly HashSet<string> charged = [];

    public int Count => run.Plan.Tasks.Count;

    public IEnumerable<string> Keys => run.Plan.Tasks.Select(x => x.TaskId);

    public bool TryGetValue(string name, out FluidValue value) =>
        Find(TaskNames.Around(user).Select(x => TaskNames.Join(x, name)), out value);

    bool IsNamed(string id) => run.Plan.Names.IsTask(id) || run.Plan.Names.IsGroup(id);

    bool Find(IEnumerable<string> ids, out FluidValue value)
    {
        var named = ids.Where(IsNamed).ToList();
        value = named.Count == 0 ? NilValue.Instance : new DictionaryValue(new NamedTasks(named, this));
        return named.Count > 0;
    }

    // What a name may mean, the nearest first: which of them it is, only the next name says.
    sealed class NamedTasks(IReadOnlyList<string> ids, TaskOutputs all) : IFluidIndexable
    {
        const string Output = "output";

        public int Count => 1;

        public IEnumerable<string> Keys => [Output];

        public bool TryGetValue(string name, out FluidValue value)
        {
            var (names, user) = (all.run.Plan.Names, all.user);
            var meant = ids.FirstOrDefault(x =>
                names.IsTask(x) ? name == Output && x != user : all.IsNamed(TaskNames.Join(x, name))
            );
            meant ??= name == Output ? ids.FirstOrDefault(x => x == user) : null;
            if (meant is null || !names.IsTask(meant))
                return all.Find(ids.Where(names.IsGroup).Select(x => TaskNames.Join(x, name)), out value);
            var spec = all.run.Plan[meant];
            value = new DictionaryValue(
                spec.ForEach is null
                    ? new OutputsOf(spec, all.run.Tasks[meant], all)
                    : new OutputsOfMapped(
                        spec,
                        [.. all.run.InstancesOf(spec).Select(x => all.run.Tasks[x.TaskId])],
                        all
                    )
            );
            return true;
        }
    }

    // What is beside the stream has to be loaded, so that it counts, once, before it is.
    string? Find(TaskInstance task, string output)
    {
        if (task.Outputs.TryGetValue(output, out var text))
            return text;
        if (task.StoredOutputs?.GetValueOrDefault(output) is not { } reference)
            return null;
        if (charged.Add(reference.Sha256))
            budget.Charge(reference.Bytes);
        return values.Find(reference);
    }

    sealed class OutputsOf(TaskSpec spec, TaskInstance task, TaskOutputs all) : IFluidIndexable
    {
        public int Count => task.Outputs.Count + (task.StoredOutputs?.Count ?? 0);

        public IEnumerable<string> Keys => [.. task.Outputs.Keys, .. task.StoredOutputs?.Keys ?? []];

        public bool TryGetValue(string name, out FluidValue value)
        {
            var text = all.Find(task, name);
            value = text is null
                ? NilValue.Instance
                : FluidValue.Create(TaskOutputs.Value(spec, task, name, text), TemplateOptions.Default);
            return text is not null;
        }
    }

    // What a task declares by a schema is what that says. One that a person marked a success may have other outputs.
    static object Value(TaskSpec spec, TaskInstance task, string name, string text) =>
        spec.Outputs?.GetValueOrDefault(name)?.Schema is null ? Value(text)
        : task.JsonOutputs?.Contains(name) is true ? Json(text)
        : text;

    // Of a mapped task an output is a list: in the order of the instances, of those that handed it on.
    sealed class OutputsOfMapped(TaskSpec spec, IReadOnlyList<TaskInstance> instances, TaskOutputs all)
        : IFluidIndexable
    {
        public int Count => Keys.Count();

        public IEnumerable<string> Keys =>
            instances.SelectMany(x => x.Outputs.Keys.Concat(x.StoredOutputs?.Keys ?? [])).Distinct();

        public bool TryGetValue(string name, out FluidValue value)
        {
            var given =
                from task in instances
                let text = all.Find(task, name)
                where text is not null
                select TaskOutputs.Value(spec, task, name, text);
            value = FluidValue.Create(given.ToList(), TemplateOptions.Default);
            return true;
        }
    }

    /// <summary>
    /// A param or an output. A JSON object or list can be walked into; true and false are that. Anything else is text,
    /// and a number keeps how it is written: comparisons read it.
    /// </summary>
    public static object Value(string? output)
    {
        if (output is null)
            return NullValue.Instance;
        if (output is "true" or "false")
            return output is "true";
        return output is ['{' or '[', ..] ? Json(output) : output;
    }

    // Text that is no JSON is text: of a value that is not loaded, too.
    static object Json(string text)
    {
        try
        {
            return Value(JsonSerializer.Deserialize<JsonElement>(text));
        }
        // The second for half of a surrogate pair in an escape.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return text;
        }
    }

    /// <summary>A JSON value: text is text, whatever it holds, and a number keeps how it is written.</summary>
    public static object Value(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new Dictionary<string, object?>();
                foreach (var member in json.EnumerateObject())
                    members[member.Name] = Value(member.Value); // of two with one name the later counts, as in RFC 8259
                return members;
            case JsonValueKind.Array:
                return json.EnumerateArray().Select(Value).ToList();
            case JsonValueKind.Null:
                return NullValue.Instance;
            case JsonValueKind.True or JsonValueKind.False:
                return json.GetBoolean();
            case JsonValueKind.Number:
                var written = json.GetRawText();
                return
                    json.TryGetDecimal(out var number)
                    && number.ToString("G29", CultureInfo.InvariantCulture) == written
                    ? number
                    : written;
            default:
                return json.GetString()!;
        }
    }
}
