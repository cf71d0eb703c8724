using System.Text.RegularExpressions;
using Nightshift.Contracts;
using Nightshift.DagFiles.Yaml;

namespace Nightshift.DagFiles.Fields;

/// <summary>Reads <c>defaults:</c> and <c>tasks:</c>.</summary>
static partial class TaskFields
{
    static readonly string[] Shared =
    [
        "image",
        "env",
        "retries",
        "retry_delay",
        "timeout",
        "memory",
        "tmp",
        "cpus",
        "queue",
        "stderr",
        .. TaskFlowFields.Shared,
    ];
    static readonly string[] Ways = ["run", "command", "noop"];
    static readonly string[] Own = ["needs", .. TaskFlowFields.Own, .. Ways, .. Shared];

    // One stream keeps the order in which a line prints. The line itself stays as it was written.
    static readonly string[] Joined = ["sh", "-c", "exec 2>&1; exec sh -ec \"$0\""];

    static readonly TaskSpec BuiltIn = new(
        "",
        "container",
        [],
        TriggerRule.AllSuccess,
        "localhost/nightshift/toolbox",
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
        TemplateScope scope,
        bool failFast
    )
    {
        var nodes = reader.Map(node, "'tasks'");
        if (nodes.Count == 0)
            reader.Wrong(node, "'tasks' is empty; add at least one task");
        var tasks = nodes.ToDictionary(x => x.Key, x => Task(reader, x.Key, x.Value, defaults));
        foreach (var task in tasks.Values)
        foreach (var unknown in task.Needs.Where(x => !tasks.ContainsKey(x)).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(
                nodes[task.TaskId],
                $"Task '{task.TaskId}' needs '{YamlReader.Shown(unknown)}', which is no task of this "
                    + $"DAG{YamlReader.Suggestion(unknown, tasks.Keys)}"
            );
        foreach (var (task, mistake) in TaskFlowChecks.Of(tasks, failFast).TakeWhile(_ => !reader.IsFull))
            reader.Wrong(nodes[task], mistake);
        var order = TaskOrder.Of(tasks);
        if (order.Circle.Count > 0)
            reader.Wrong(
                nodes[order.Circle[0]],
                $"These tasks need each other in a circle: {YamlReader.List(order.Circle)}; remove one of their 'needs'"
            );
        else
            foreach (var (task, field, mistake) in scope.Mistakes(order).TakeWhile(_ => !reader.IsFull))
                reader.Wrong(
                    YamlReader.Find(nodes[task.TaskId], field)
                        ?? YamlReader.Find(root, ["defaults", .. field])
                        ?? nodes[task.TaskId],
                    mistake
                );
        Limits(reader, nodes, tasks.Values);
        return reader.HasMistakes ? [] : order.Tasks;
    }

    static void Limits(YamlReader reader, IReadOnlyDictionary<string, YamlNode> nodes, IEnumerable<TaskSpec> tasks)
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

    static TaskSpec Task(YamlReader reader, string id, YamlNode node, TaskSpec defaults)
    {
        if (!DagFile.Name().IsMatch(id))
            reader.Wrong(
                node,
                $"'{YamlReader.Shown(id)}' cannot be a task's name; use letters, digits, _ and -, at most 100"
            );
        id = DagFile.Name().IsMatch(id) ? id : YamlReader.Shown(id);
        var map = reader.Map(node, $"Task '{id}'", Own);
        var task = Common(reader, map, defaults, $"tasks.{id}") with
        {
            TaskId = id,
            Needs = map.TryGetValue("needs", out var needs)
                ? [.. reader.Texts(needs, $"'tasks.{id}.needs'").Distinct()]
                : [],
        };
        task = TaskFlowFields.ReadOwn(reader, map, task);
        if (task.TmpMiB > task.MemoryMiB)
            reader.Wrong(
                map.GetValueOrDefault("tmp") ?? node,
                $"'tasks.{id}.tmp' is {task.TmpMiB}MiB and counts as memory; write at most the memory limit of {task.MemoryMiB}MiB, or raise 'memory'"
            );
        task = Work(reader, node, map, task);
        foreach (var (field, mistake) in TaskFlowChecks.Of(task, map.Keys))
            reader.Wrong(map.GetValueOrDefault(field) ?? node, mistake);
        return task;
    }

    static TaskSpec Work(YamlReader reader, YamlNode node, IReadOnlyDictionary<string, YamlNode> map, TaskSpec task)
    {
        var ways = Ways.Where(map.ContainsKey).ToList();
        if (ways.Count != 1)
        {
            reader.Wrong(
                node,
                $"Task '{task.TaskId}' has {(ways.Count == 0 ? "nothing to do" : string.Join(" and ", ways))}; "
                    + $"write exactly one of {string.Join(", ", Ways)}"
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
                CheckArgument(reader, map["run"], line, task.TaskId);
                return task with { Command = task.SeparateStderr ? ["sh", "-ec", line] : [.. Joined, line] };
            default:
                var command = reader.Texts(map["command"], $"'tasks.{task.TaskId}.command'");
                if (command.Count == 0)
                    reader.Wrong(
                        map["command"],
                        $"'tasks.{task.TaskId}.command' is empty; write the program and its arguments, such as "
                            + $"[sh, -c, \"echo hello\"]"
                    );
                if (map.TryGetValue("stderr", out var stderr))
                    reader.Wrong(
                        stderr,
                        $"'tasks.{task.TaskId}.stderr' is for 'run'; a 'command' has its outputs apart"
                    );
                foreach (var argument in command)
                    CheckArgument(reader, map["command"], argument, task.TaskId);
                return task with { Command = command };
        }
    }

    // A value pasted into a shell line is code; one in the environment is data. Other braces are the program's own, as
    // in docker ps --format '{{.Names}}'.
    static void CheckArgument(YamlReader reader, YamlNode node, string text, string taskId)
    {
        if (RunTemplate().Match(text) is { Success: true, Groups: [_, var name] })
            reader.Wrong(
                node,
                $"Templates are not allowed in a command, and this one uses '{name.Value}': "
                    + $"write 'env: {{ VALUE: \"{{{{ {name.Value} … }}}}\" }}' under task '{taskId}' "
                    + "and use \"$VALUE\" in the line. If the braces are for the program itself, write "
                    + $"'env: {{ VALUE: \"{{% raw %}}{{{{ {name.Value} … }}}}{{% endraw %}}\" }}'"
            );
        if (ProcessLimits.Mistake(text) is { } mistake)
            reader.Wrong(node, $"Task '{taskId}': {mistake}");
    }

    // {{ name or {% tag … name, where the name is one that templates know.
    [GeneratedRegex(
        @"\{\{-?\s{0,9}(?<name>run_id|ds|logical_date|data_interval_start|data_interval_end)\s{0,9}(?:\||-?\}\})"
            + @"|\{\{-?\s{0,9}(?<name>params|tasks|trigger)\s{0,9}[.\[]"
            + @"|\{%-?[^%]{0,200}?\b(?<name>params|tasks|trigger)[.\[]",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex RunTemplate();

    static TaskSpec Common(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, TaskSpec basis, string where)
    {
        T? Read<T>(string key, Func<YamlNode, string, T?> read)
            where T : struct => map.TryGetValue(key, out var node) ? read(node, $"'{where}.{key}'") : null;
        string? Text(string key) => map.TryGetValue(key, out var node) ? reader.Text(node, $"'{where}.{key}'") : null;
        return TaskFlowFields.ReadShared(reader, map, basis, where) with
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
            TmpMiB = Read("tmp", reader.Memory) ?? basis.TmpMiB,
            SeparateStderr = map.TryGetValue("stderr", out var stderr)
                ? IsSeparate(reader, stderr, $"'{where}.stderr'")
                : basis.SeparateStderr,
            Cpus = Read("cpus", (x, what) => reader.Number(x, what, 0.01, 512)) ?? basis.Cpus,
        };
    }

    static bool IsSeparate(YamlReader reader, YamlNode node, string what)
    {
        var word = reader.Text(node, what);
        if (word is not (null or "joined" or "separate"))
            reader.Wrong(node, $"{what} is '{word}'; write joined or separate");
        return word is "separate";
    }

    static string? Queue(YamlReader reader, YamlNode node, string what)
    {
        var name = reader.Text(node, what);
        if (name is not null && !ExecutorQueue.IsName(name))
            reader.Wrong(node, $"{what} is '{YamlReader.Shown(name)}'; write {ExecutorQueue.Rule}");
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
            if (!VariableName().IsMatch(name))
                reader.Wrong(
                    value,
                    $"'{YamlReader.Shown(name)}' cannot be a variable's name; use letters, digits and _, not "
                        + $"beginning with a digit"
                );
            else if (YamlReader.IsNull(value))
                env.Remove(name);
            else if (reader.Text(value, $"'{where}.env.{name}'") is { } text)
                env[name] = Variable(reader, value, name, text);
        }
        return env;
    }

    static string Variable(YamlReader reader, YamlNode node, string name, string text)
    {
        if (ProcessLimits.Mistake(name, text) is { } mistake)
            reader.Wrong(node, mistake);
        else
            DagFile.Template(reader, node, text);
        return text;
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,99}\z")]
    private static partial Regex VariableName();
}
