using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>
/// Reads graphs as the vectors write them, such as <c>op1 >> [op2, op3] >> op4(teardown)</c>, and puts runs of them
/// where the vectors say they stand.
/// </summary>
static partial class GraphReader
{
    static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    /// <summary>The DAG of the lines.</summary>
    /// <param name="lines">Chains; what follows a semicolon is a remark.</param>
    /// <param name="change">What else is known of a task.</param>
    /// <exception cref="InvalidDataException">No DAG file can have such a DAG.</exception>
    public static DagSpec Read(IEnumerable<string> lines, Func<TaskSpec, TaskSpec>? change = null)
    {
        var basis = DagFile.Read("dag: d\ntasks: { a: { noop: true } }").Spec!;
        var needs = new Dictionary<string, List<string>>();
        var roles = new Dictionary<string, TaskRole>();
        foreach (var line in lines.Select(x => x.Split(';')[0]))
        {
            List<string> before = [];
            foreach (var step in line.Split(">>"))
            {
                var names = step.Trim().Trim('[', ']').Split(',').Select(x => Named(x.Trim(), roles)).ToList();
                foreach (var name in names)
                    (needs.TryGetValue(name, out var known) ? known : needs[name] = []).AddRange(before);
                before = names;
            }
        }
        var tasks = needs.ToDictionary(
            x => x.Key,
            x => (change ?? (y => y))(Task(basis.Tasks[0], x.Key, x.Value, roles.GetValueOrDefault(x.Key)))
        );
        return basis with { Tasks = TaskOrder.Of(tasks).Tasks };
    }

    static TaskSpec Task(TaskSpec basis, string id, IEnumerable<string> needs, TaskRole role) =>
        basis with
        {
            TaskId = id,
            Needs = [.. needs.Distinct()],
            Role = role,
            Rule = role is TaskRole.Teardown ? TriggerRule.AllDoneSetupSuccess : TriggerRule.AllSuccess,
        };

    static string Named(string text, Dictionary<string, TaskRole> roles)
    {
        var parts = Role().Match(text);
        if (!parts.Success)
            throw new InvalidDataException($"'{text}' is no task of a graph");
        var name = parts.Groups["name"].Value;
        if (parts.Groups["role"].Value is { Length: > 0 } role)
            roles[name] = role == "setup" ? TaskRole.Setup : TaskRole.Teardown;
        return name;
    }

    /// <summary>A run of the DAG whose tasks stand as the vector says; others have not begun.</summary>
    public static Run Standing(DagSpec dag, IReadOnlyDictionary<string, string?> states)
    {
        var queued = (RunQueued)RunDecider.Decide(Run.None, Start(dag))[0];
        var run = Run.Evolve(Run.None, queued);
        foreach (var task in dag.Tasks)
            if (Reached(task, states.GetValueOrDefault(task.TaskId)) is { } e)
                run = Run.Evolve(run, e);
        return run;
    }

    static RunEvent? Reached(TaskSpec task, string? state) =>
        state switch
        {
            "success" => new TaskSucceeded(task.TaskId, 1, 64, new Dictionary<string, string>(), At),
            "failed" => new TaskFailed(task.TaskId, 1, "exit", "", 64, At),
            "skipped" => new TaskSkipped(task.TaskId, At),
            "upstream_failed" => new TaskUpstreamFailed(task.TaskId, At),
            _ => null, // has not ended
        };

    public static StartRun Start(DagSpec dag) =>
        new(
            new("manual__d__1"),
            dag,
            "1",
            RunType.Manual,
            "vector",
            At,
            Interval: null,
            new Dictionary<string, string?>(),
            new Dictionary<string, string>(),
            At
        );

    /// <summary>Lines of a list of texts, or of one.</summary>
    public static IReadOnlyList<string> Lines(JsonElement graph) =>
        graph.ValueKind is JsonValueKind.Array
            ? [.. graph.EnumerateArray().Select(x => x.GetString()!)]
            : [graph.GetString()!];

    [GeneratedRegex(@"\A(?<name>[A-Za-z0-9_.-]+)(\((?<role>setup|teardown)\))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Role();
}
