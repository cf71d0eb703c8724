using System.Text.Json;
using Nightshift.Scheduler.Runs;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>How a run stands whose tasks stand in a given way.</summary>
public sealed class RunStateVectors : IVectorKind
{
    public bool Reads(Vector vector) =>
        vector.Text("kind") is null
        && vector.Find("graph") is not null
        && vector.Find("expected_run_state") is not null;

    public VectorResult Run(Vector vector)
    {
        var rules = Texts(vector, "trigger_rules");
        if (rules.Values.FirstOrDefault(x => !Outcome.IsRule(x!)) is { } unknown)
            return VectorResult.Skipped($"a DAG with the trigger rule '{unknown}' is refused when its file is read");
        var options = Texts(vector, "task_options");
        var dag = GraphReader.Read(
            GraphReader.Lines(vector.Find("graph")!.Value),
            task =>
                task with
                {
                    Rule = rules.GetValueOrDefault(task.TaskId) is { } rule ? Outcome.Rule(rule) : task.Rule,
                    OnFailureFailDagRun = options.GetValueOrDefault(task.TaskId) is "on_failure_fail_dagrun=True",
                }
        );
        var run = GraphReader.Standing(dag, Texts(vector, "task_states"));
        return VectorResult.Compare(vector.Text("expected_run_state"), StateOf(run));
    }

    static string StateOf(Run run) =>
        run.Open > 0 ? "running"
        : RunEnd.Of(run, run.Queued!, DateTimeOffset.UnixEpoch).Outcome is RunOutcome.Succeeded ? "success"
        : "failed";

    static Dictionary<string, string?> Texts(Vector vector, string name) =>
        vector.Find(name) is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().ToDictionary(x => x.Name, x => x.Value.GetString())
            : [];
}

/// <summary>
/// Which tasks decide how a run ends. Names say what a task is: <c>s</c> a setup, <c>w</c> work, <c>t</c> a teardown,
/// and <c>t…_</c> one whose failure fails the run.
/// </summary>
public sealed class EffectiveLeafVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") == "leaves_considered_for_run_state";

    public VectorResult Run(Vector vector)
    {
        var dag = GraphReader.Read(
            GraphReader.Lines(vector.Find("graph")!.Value),
            task =>
                task with
                {
                    Role = task.TaskId[0] switch
                    {
                        's' => TaskRole.Setup,
                        't' => TaskRole.Teardown,
                        _ => TaskRole.Work,
                    },
                    OnFailureFailDagRun = task.TaskId[0] == 't' && task.TaskId.EndsWith('_'),
                }
        );
        var plan = new Plan(dag.Tasks);
        var expected = vector.Find("expected_leaves")!.Value.EnumerateArray().Select(x => x.GetString()!);
        return VectorResult.Compare(
            Written(expected),
            Written(dag.Tasks.Select(x => x.TaskId).Where(plan.IsEffectiveLeaf))
        );
    }

    static string Written(IEnumerable<string> tasks) => string.Join(", ", tasks.Order(StringComparer.Ordinal));
}

/// <summary>What setups that a task does not name do to it.</summary>
public sealed class SetupConstraintVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") == "setup_constraint";

    public VectorResult Run(Vector vector)
    {
        if (vector.Find("flag_upstream_failed")?.GetBoolean() is false)
            return VectorResult.Skipped("evaluated without changing a state, which the scheduler never does");
        var dag = GraphReader.Read([vector.Text("graph")!]);
        var setup = dag.Tasks.Last(x => x.Role is TaskRole.Setup).TaskId; // of several, the others have not ended
        var run = GraphReader.Standing(dag, new Dictionary<string, string?> { [setup] = vector.Text("setup_state") });
        var task = run.Plan[vector.Text("task")!.Split(' ')[0]];
        return VectorResult.Compare(vector.Text("expected_outcome"), Outcome.Of(TaskReadiness.Judge(run, task)));
    }
}
