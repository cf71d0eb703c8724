using System.Text.RegularExpressions;
using Nightshift.Contracts;
using YamlDotNet.RepresentationModel;

namespace Nightshift.Scheduler.Dags;

/// <summary>Reads <c>defaults:</c> and <c>tasks:</c>.</summary>
static partial class TaskFields
{
    static readonly string[] Shared = ["image", "env", "retries", "retry_delay", "timeout", "memory", "cpus", "queue"];
    static readonly string[] Ways = ["run", "command", "noop"];
    static readonly string[] Own = ["needs", "trigger_rule", .. Ways, .. Shared];

    static readonly TaskSpec BuiltIn = new(
        "",
        "container",
        [],
        TriggerRule.AllSuccess,
        "nightshift/toolbox",
        [],
        new Dictionary<string, string>(),
        Retries: 0,
        RetryDelay: TimeSpan.FromSeconds(30),
        Timeout: TimeSpan.FromHours(1),
        MemoryMiB: 512,
        Cpus: 1,
        Queue: "default"
    );

    public static TaskSpec Defaults(YamlReader reader, IReadOnlyDictionary<string, YamlNode> dag) =>
        dag.TryGetValue("defaults", out var node)
            ? Common(reader, reader.Map(node, "'defaults'", Shared), BuiltIn, "defaults")
            : BuiltIn;

    public static IReadOnlyList<TaskSpec> Tasks(
        YamlReader reader,
        YamlNode root,
        YamlNode node,
        TaskSpec defaults,
        TemplateScope scope
    )
    {
        var nodes = reader.Map(node, "'tasks'");
        if (nodes.Count == 0)
            reader.Wrong(node, "'tasks' is empty; add at least one task");
        var tasks = nodes.ToDictionary(x => x.Key, x => Task(reader, x.Key, x.Value, defaults));
        foreach (var task in tasks.Values)
        foreach (var unknown in task.Needs.Where(x => !tasks.ContainsKey(x)))
            reader.Wrong(
                nodes[task.TaskId],
                $"Task '{task.TaskId}' needs '{unknown}', which is no task of this DAG{YamlReader.Suggestion(unknown, [.. tasks.Keys])}"
            );
        foreach (var task in tasks.Values)
        foreach (var (name, text) in task.Env)
        foreach (var mistake in scope.Mistakes(text, task, tasks))
            reader.Wrong(
                YamlReader.Find(nodes[task.TaskId], "env", name)
                    ?? YamlReader.Find(root, "defaults", "env", name)
                    ?? nodes[task.TaskId],
                mistake
            );
        return reader.Mistakes.Count > 0 ? [] : InOrder(reader, node, tasks);
    }

    static TaskSpec Task(YamlReader reader, string id, YamlNode node, TaskSpec defaults)
    {
        if (!DagFile.Name().IsMatch(id))
            reader.Wrong(node, $"'{id}' cannot be a task's name; use letters, digits, _ and -, at most 100");
        var map = reader.Map(node, $"Task '{id}'", Own);
        var task = Common(reader, map, defaults, $"tasks.{id}") with
        {
            TaskId = id,
            Needs = map.TryGetValue("needs", out var needs)
                ? [.. reader.Texts(needs, $"'tasks.{id}.needs'").Distinct()]
                : [],
            Rule = map.TryGetValue("trigger_rule", out var rule) ? Rule(reader, id, rule) : TriggerRule.AllSuccess,
        };
        return Work(reader, node, map, task);
    }

    static TaskSpec Work(YamlReader reader, YamlNode node, IReadOnlyDictionary<string, YamlNode> map, TaskSpec task)
    {
        var ways = Ways.Where(map.ContainsKey).ToList();
        if (ways.Count != 1)
        {
            reader.Wrong(
                node,
                $"Task '{task.TaskId}' has {(ways.Count == 0 ? "nothing to do" : string.Join(" and ", ways))}; write exactly one of {string.Join(", ", Ways)}"
            );
            return task;
        }
        switch (ways[0])
        {
            case "noop":
                if (reader.Flag(map["noop"], $"'tasks.{task.TaskId}.noop'") is false)
                    reader.Wrong(map["noop"], "'noop' can only be true; leave it out otherwise");
                return task with { Kind = "noop", Image = "" };
            case "run":
                var line = reader.Text(map["run"], $"'tasks.{task.TaskId}.run'") ?? "";
                NoTemplate(reader, map["run"], line, task.TaskId);
                return task with { Command = ["sh", "-ec", line] };
            default:
                var command = reader.Texts(map["command"], $"'tasks.{task.TaskId}.command'");
                if (command.Count == 0)
                    reader.Wrong(
                        map["command"],
                        $"'tasks.{task.TaskId}.command' is empty; write the program and its arguments, such as [sh, -c, \"echo hello\"]"
                    );
                foreach (var argument in command)
                    NoTemplate(reader, map["command"], argument, task.TaskId);
                return task with { Command = command };
        }
    }

    // A value pasted into a shell line is code; one in the environment is data.
    static void NoTemplate(YamlReader reader, YamlNode node, string text, string taskId)
    {
        if (text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal))
            reader.Wrong(
                node,
                $"Templates are not allowed in a command: write 'env: {{ VALUE: \"{{{{ … }}}}\" }}' under task '{taskId}' and use \"$VALUE\" in the line"
            );
    }

    static TaskSpec Common(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, TaskSpec basis, string where)
    {
        T? Read<T>(string key, Func<YamlNode, string, T?> read)
            where T : struct => map.TryGetValue(key, out var node) ? read(node, $"'{where}.{key}'") : null;
        string? Text(string key) => map.TryGetValue(key, out var node) ? reader.Text(node, $"'{where}.{key}'") : null;
        return basis with
        {
            Image = Text("image") ?? basis.Image,
            Queue = map.TryGetValue("queue", out var queue)
                ? Queue(reader, queue, $"'{where}.queue'") ?? basis.Queue
                : basis.Queue,
            Env = map.TryGetValue("env", out var env) ? Env(reader, env, basis.Env, where) : basis.Env,
            Retries = Read("retries", (x, what) => reader.Whole(x, what, 0, 100)) ?? basis.Retries,
            RetryDelay =
                Read("retry_delay", (x, what) => reader.Duration(x, what, TimeSpan.Zero, TimeSpan.FromDays(7)))
                ?? basis.RetryDelay,
            Timeout =
                Read("timeout", (x, what) => reader.Duration(x, what, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)))
                ?? basis.Timeout,
            MemoryMiB = Read("memory", reader.Memory) ?? basis.MemoryMiB,
            Cpus = Read("cpus", (x, what) => reader.Number(x, what, 0.01, 512)) ?? basis.Cpus,
        };
    }

    static string? Queue(YamlReader reader, YamlNode node, string what)
    {
        var name = reader.Text(node, what);
        if (name is not null && !ExecutorQueue.IsName(name))
            reader.Wrong(node, $"{what} is '{name}'; write {ExecutorQueue.Rule}");
        return name;
    }

    static SortedDictionary<string, string> Env(
        YamlReader reader,
        YamlNode node,
        IReadOnlyDictionary<string, string> basis,
        string where
    )
    {
        var env = new SortedDictionary<string, string>(basis.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in reader.Map(node, $"'{where}.env'"))
        {
            if (!Variable().IsMatch(name))
                reader.Wrong(
                    value,
                    $"'{name}' cannot be a variable's name; use letters, digits and _, not beginning with a digit"
                );
            else if (reader.Text(value, $"'{where}.env.{name}'") is { } text)
                env[name] = DagFile.Template(reader, value, text);
        }
        return env;
    }

    static TriggerRule Rule(YamlReader reader, string id, YamlNode node)
    {
        var names = Enum.GetValues<TriggerRule>().ToDictionary(TriggerRules.NameOf);
        var name = reader.Text(node, $"'tasks.{id}.trigger_rule'") ?? "";
        if (names.TryGetValue(name, out var rule))
            return rule;
        reader.Wrong(node, $"'{name}' is no trigger rule{YamlReader.Suggestion(name, [.. names.Keys])}");
        return TriggerRule.AllSuccess;
    }

    static List<TaskSpec> InOrder(YamlReader reader, YamlNode node, Dictionary<string, TaskSpec> tasks)
    {
        var (ordered, placed) = (new List<TaskSpec>(), new HashSet<string>());
        while (ordered.Count < tasks.Count)
        {
            var ready = tasks.Values.Where(x => !placed.Contains(x.TaskId) && x.Needs.All(placed.Contains)).ToList();
            if (ready.Count == 0)
            {
                reader.Wrong(
                    node,
                    $"These tasks need each other in a circle: {string.Join(", ", tasks.Keys.Where(x => !placed.Contains(x)))}; remove one of their 'needs'"
                );
                return [];
            }
            foreach (var task in ready)
            {
                ordered.Add(task);
                placed.Add(task.TaskId);
            }
        }
        return ordered;
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Variable();
}
