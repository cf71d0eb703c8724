using Nightshift.Scheduler.Templates;

namespace Nightshift.Scheduler.Dags;

/// <summary>
/// Reads the fields that say how a task and the tasks around it depend on each other: rule, role, conditions,
/// branching, and what exit codes mean.
/// </summary>
static class TaskFlowFields
{
    /// <summary>Fields of a task and of <c>defaults</c>.</summary>
    public static readonly string[] Shared =
    [
        "retry_exponential_backoff",
        "max_retry_delay",
        "no_retry_on_exit_code",
        "skip_on_exit_code",
        "depends_on_past",
        "wait_for_downstream",
    ];

    /// <summary>Fields of a task alone.</summary>
    public static readonly string[] Own =
    [
        "trigger_rule",
        "setup",
        "teardown",
        "on_failure_fail_dagrun",
        "run_if",
        "skip_if",
        "branch",
        "short_circuit",
        "ignore_downstream_trigger_rules",
    ];

    const double DefaultMultiplier = 2; // Airflow's

    /// <summary>Reads <see cref="Shared"/>.</summary>
    public static TaskSpec ReadShared(
        YamlReader reader,
        IReadOnlyDictionary<string, YamlNode> map,
        TaskSpec basis,
        string where
    ) =>
        basis with
        {
            RetryExponentialBackoff = map.TryGetValue("retry_exponential_backoff", out var backoff)
                ? Multiplier(reader, backoff, $"'{where}.retry_exponential_backoff'")
                : basis.RetryExponentialBackoff,
            MaxRetryDelay = map.TryGetValue("max_retry_delay", out var most)
                ? reader.Duration(most, $"'{where}.max_retry_delay'", TimeSpan.FromSeconds(1), Runs.RetryDelay.Longest)
                : basis.MaxRetryDelay,
            NoRetryOnExitCode = map.TryGetValue("no_retry_on_exit_code", out var final)
                ? ExitCodes(reader, final, $"'{where}.no_retry_on_exit_code'")
                : basis.NoRetryOnExitCode,
            SkipOnExitCode = map.TryGetValue("skip_on_exit_code", out var skip)
                ? ExitCodes(reader, skip, $"'{where}.skip_on_exit_code'")
                : basis.SkipOnExitCode,
            DependsOnPast = map.ContainsKey("depends_on_past")
                ? Flag(reader, map, "depends_on_past", where)
                : basis.DependsOnPast,
            WaitForDownstream = map.ContainsKey("wait_for_downstream")
                ? Flag(reader, map, "wait_for_downstream", where)
                : basis.WaitForDownstream,
        };

    /// <summary>Reads <see cref="Own"/>.</summary>
    public static TaskSpec ReadOwn(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, TaskSpec task)
    {
        var where = $"tasks.{task.TaskId}";
        var role = Role(reader, map, where);
        string? Condition(string key) =>
            map.TryGetValue(key, out var node) ? TaskFlowFields.Condition(reader, node, $"'{where}.{key}'") : null;
        return task with
        {
            Role = role,
            Rule =
                map.TryGetValue("trigger_rule", out var rule) ? Rule(reader, task.TaskId, rule)
                : role is TaskRole.Teardown ? TriggerRule.AllDoneSetupSuccess
                : TriggerRule.AllSuccess,
            OnFailureFailDagRun = Flag(reader, map, "on_failure_fail_dagrun", where),
            RunIf = Condition("run_if"),
            SkipIf = Condition("skip_if"),
            Branch = map.TryGetValue("branch", out var branch) ? Output(reader, branch, $"'{where}.branch'") : null,
            ShortCircuit =
                map.TryGetValue("short_circuit", out var circuit)
                && Output(reader, circuit, $"'{where}.short_circuit'") is { } output
                    ? new(output, !map.ContainsKey(Ignore) || Flag(reader, map, Ignore, where))
                    : null,
        };
    }

    const string Ignore = "ignore_downstream_trigger_rules";

    static bool Flag(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, string key, string where) =>
        map.TryGetValue(key, out var node) && reader.Flag(node, $"'{where}.{key}'") is true;

    static TaskRole Role(YamlReader reader, IReadOnlyDictionary<string, YamlNode> map, string where)
    {
        var (setup, teardown) = (Flag(reader, map, "setup", where), Flag(reader, map, "teardown", where));
        if (setup && teardown)
            reader.Wrong(map["teardown"], $"'{where}' cannot be both 'setup' and 'teardown'; write two tasks");
        return teardown ? TaskRole.Teardown
            : setup ? TaskRole.Setup
            : TaskRole.Work;
    }

    static TriggerRule Rule(YamlReader reader, string id, YamlNode node)
    {
        var names = Enum.GetValues<TriggerRule>().ToDictionary(TriggerRules.NameOf);
        var name = reader.Text(node, $"'tasks.{id}.trigger_rule'") ?? "";
        if (names.TryGetValue(name, out var rule))
            return rule;
        reader.Wrong(node, $"'{YamlReader.Shown(name)}' is no trigger rule{YamlReader.Suggestion(name, names.Keys)}");
        return TriggerRule.AllSuccess;
    }

    static string? Condition(YamlReader reader, YamlNode node, string what)
    {
        var condition = reader.Text(node, what);
        if (condition is null || TemplateCondition.MistakeIn(condition) is not { } mistake)
            return condition;
        reader.Wrong(node, $"{what} is no condition: {mistake}");
        return null;
    }

    static string? Output(YamlReader reader, YamlNode node, string what)
    {
        if (node is YamlScalar { Kind: ScalarKind.Boolean })
        {
            reader.Wrong(node, $"{what} names the output that decides; write its name, such as 'next'");
            return null;
        }
        return reader.Text(node, what);
    }

    static IReadOnlyList<int> ExitCodes(YamlReader reader, YamlNode node, string what) =>
        node switch
        {
            _ when YamlReader.IsNull(node) => [],
            YamlSequence list =>
            [
                .. list
                    .Items.Select(x => reader.Whole(x, $"An entry of {what}", 1, 255))
                    .OfType<int>()
                    .Distinct()
                    .Order(),
            ],
            _ => reader.Whole(node, what, 1, 255) is { } code ? [code] : [],
        };

    static double Multiplier(YamlReader reader, YamlNode node, string what)
    {
        if (node is YamlScalar { Text: var text } && CoreSchema.KindOf(text) is ScalarKind.Boolean)
            return reader.Flag(node, what) is true ? DefaultMultiplier : 0;
        if (CoreSchema.TryNumber((node as YamlScalar)?.Text ?? "", out var number) && number is 0 or >= 1 and <= 100)
            return (double)number;
        reader.Wrong(node, $"{what} must be true, false, or what the delay is multiplied by, from 1 to 100");
        return 0;
    }
}
