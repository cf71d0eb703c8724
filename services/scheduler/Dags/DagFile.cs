using System.Text.RegularExpressions;
using Nightshift.Contracts;
using Nightshift.Scheduler.Runs;
using Nightshift.Scheduler.Schedules;
using Nightshift.Scheduler.Templates;

namespace Nightshift.Scheduler.Dags;

/// <summary>Reads a DAG file. Every mistake is reported at once, with its line and what to write instead.</summary>
public static partial class DagFile
{
    static readonly string[] DagKeys =
    [
        "dag",
        "schedule",
        "timezone",
        "catchup",
        "on",
        "dagrun_timeout",
        "fail_fast",
        "max_active_runs",
        "max_consecutive_failed_dag_runs",
        "defaults",
        "params",
        "tasks",
    ];

    /// <summary>Reads the bytes of one file.</summary>
    /// <param name="bytes">UTF-8, or UTF-16 with a byte order mark.</param>
    /// <param name="file">Its name, for whose length the mistakes leave room.</param>
    public static DagReading Read(ReadOnlySpan<byte> bytes, string file)
    {
        var (text, mistake) = TextEncoding.Decode(bytes);
        return text is null ? NoDag(file, mistake!) : Read(text, file);
    }

    /// <summary>Reads the text of one file. Never throws, whatever the text.</summary>
    public static DagReading Read(string yaml, string file = "")
    {
        yaml = yaml.TrimStart('\uFEFF');
        if (TextEncoding.MistakeIn(yaml) is { } unprintable)
            return NoDag(file, unprintable);
        try
        {
            var (root, documents) = YamlLoader.Load(yaml);
            return root is null ? NoDag(file, new(1, NotOneDocument(documents))) : Read(root, file);
        }
        catch (NotYamlException e)
        {
            return NoDag(file, new(Math.Max(e.Line, 1), e.Message));
        }
    }

    static DagReading Read(YamlNode root, string file)
    {
        var reader = new YamlReader();
        var spec = Dag(reader, root);
        return reader.HasMistakes ? new(null, reader.Mistakes(file)) : new(spec, []);
    }

    static DagReading NoDag(string file, DagMistake mistake) => new(null, DagMistake.Bounded([mistake], 0, file));

    static string NotOneDocument(int documents) =>
        $"The file has {documents} YAML documents; write one DAG per file, beginning with 'dag: name'";

    static DagSpec Dag(YamlReader reader, YamlNode root)
    {
        var map = reader.Map(root, "The file", DagKeys);
        var dagId = map.TryGetValue("dag", out var name) ? reader.Text(name, "'dag'") : null;
        if (name is null)
            reader.Wrong(root, "The DAG has no name; begin the file with 'dag: name'");
        else if (dagId is not null && !DagName().IsMatch(dagId))
            reader.Wrong(
                name,
                $"'{YamlReader.Shown(dagId)}' cannot be a DAG's name; use letters, digits, _ and -, at most "
                    + $"100, without _ at either end or twice in a row"
            );
        var defaults = TaskFields.Defaults(reader, map);
        var (schedule, push) = (ScheduleFields.Read(reader, map), Push(reader, map));
        var values = Params(reader, map, scheduled: schedule is not null, pushed: push is not null);
        var scope = new TemplateScope(values.Keys.ToHashSet(), PushOnly: push is not null && schedule is null);
        var failFast = map.TryGetValue("fail_fast", out var fast) && reader.Flag(fast, "'fail_fast'") is true;
        return new DagSpec(
            dagId ?? "",
            schedule,
            push,
            values,
            map.TryGetValue("tasks", out var tasks)
                ? TaskFields.Tasks(reader, root, tasks, defaults, scope, failFast)
                : NoTasks(reader, root)
        )
        {
            DagRunTimeout = map.TryGetValue("dagrun_timeout", out var timeout)
                ? reader.Duration(timeout, "'dagrun_timeout'", TimeSpan.FromSeconds(1), TimeSpan.FromDays(366))
                : null,
            FailFast = failFast,
            MaxActiveRuns = MaxActiveRuns(reader, map, schedule),
            MaxConsecutiveFailedDagRuns = map.TryGetValue("max_consecutive_failed_dag_runs", out var failures)
                ? reader.Whole(failures, "'max_consecutive_failed_dag_runs'", 1, 1000)
                : null,
        };
    }

    static int? MaxActiveRuns(YamlReader reader, IReadOnlyDictionary<string, YamlNode> dag, Schedule? schedule)
    {
        if (!dag.TryGetValue("max_active_runs", out var node))
            return null;
        var limit = reader.Whole(node, "'max_active_runs'", 1, 10_000);
        if (limit > 1 && schedule is { IsContinuous: true })
            reader.Wrong(
                node,
                "'max_active_runs' must be 1 for '@continuous', whose runs follow one another; write 1, or leave it out"
            );
        return limit;
    }

    static IReadOnlyList<TaskSpec> NoTasks(YamlReader reader, YamlNode root)
    {
        reader.Wrong(root, "The DAG has no tasks; add 'tasks:' with at least one");
        return [];
    }

    static PushTrigger? Push(YamlReader reader, IReadOnlyDictionary<string, YamlNode> dag)
    {
        if (!dag.TryGetValue("on", out var on) || !reader.Map(on, "'on'", "push").TryGetValue("push", out var push))
            return null;
        var map = reader.Map(push, "'on.push'", "repositories", "branches", "paths");
        IReadOnlyList<string> List(string key) =>
            map.TryGetValue(key, out var node) ? reader.Texts(node, $"'on.push.{key}'") : [];
        if (List("repositories").Count == 0)
            reader.Wrong(push, "'on.push' must name its 'repositories', such as [acme/site] or [acme/*]");
        return new(List("repositories"), List("branches"), List("paths"));
    }

    static Dictionary<string, string?> Params(
        YamlReader reader,
        IReadOnlyDictionary<string, YamlNode> dag,
        bool scheduled,
        bool pushed
    )
    {
        var values = new Dictionary<string, string?>();
        var budget = TemplateBudget.OfFile();
        if (!dag.TryGetValue("params", out var node))
            return values;
        foreach (var (name, value) in reader.Map(node, "'params'"))
        {
            if (!Name().IsMatch(name))
                reader.Wrong(
                    value,
                    $"'{YamlReader.Shown(name)}' cannot be a parameter's name; use letters, digits and _"
                );
            else if (YamlReader.IsNull(value))
                values[name] = null;
            else
                values[name] = reader.Text(value, $"The default of parameter '{name}'") is { } text
                    ? Default(reader, (YamlScalar)value, Template(reader, value, text), name, scheduled, pushed, budget)
                    : "";
        }
        return values;
    }

    // Rendered once now: a default that no run can render would let the DAG start nothing, tick after tick.
    static string Default(
        YamlReader reader,
        YamlScalar node,
        string text,
        string name,
        bool scheduled,
        bool pushed,
        TemplateBudget budget
    )
    {
        if (
            TemplateText.MistakeIn(text) is null
            && RunValues.MistakeInDefault(text, scheduled, pushed, budget) is { } mistake
        )
            reader.Wrong(
                node,
                $"The default of parameter '{name}' cannot be rendered: {mistake}; use ds, logical_date, "
                    + $"data_interval_start, data_interval_end, run_id, and trigger.* where only pushes start the DAG"
            );
        // True and TRUE are the same value as true, and templates compare it.
        return node.Kind is ScalarKind.Boolean ? text.ToLowerInvariant() : text;
    }

    internal static string Template(YamlReader reader, YamlNode node, string text)
    {
        if (TemplateText.MistakeIn(text) is { } mistake)
            reader.Wrong(node, $"The template does not parse: {mistake}");
        return text;
    }

    // "__" separates the parts of a run's name.
    [GeneratedRegex(@"\A(?!.*__)[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?<!_)\z")]
    private static partial Regex DagName();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]{0,99}\z")]
    internal static partial Regex Name();
}
