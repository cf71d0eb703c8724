using Nightshift.Scheduler.Runs;

namespace Nightshift.Conformance.Tests.Kinds;

/// <summary>Whether a task may start, by how the same task, or what needs it, stands in the previous run.</summary>
public sealed class PastVectors : IVectorKind
{
    public bool Reads(Vector vector) =>
        vector.Text("kind") is "depends_on_past" or "wait_for_downstream" && vector.Data.TryGetProperty("state", out _);

    public VectorResult Run(Vector vector)
    {
        var waits = vector.Text("kind") is "wait_for_downstream";
        var dag = PastGraph.Of(dependsOnPast: true, waits);
        var states = waits
            ? new Dictionary<string, string?> { ["a"] = "success", ["b"] = vector.Text("state") }
            : new Dictionary<string, string?> { ["a"] = vector.Text("state") };
        return VectorResult.Compare(
            vector.Find("expected_schedulable")!.Value.GetBoolean(),
            PastDependency.IsMet(dag.Tasks[0], GraphReader.Standing(dag, states))
        );
    }
}

/// <summary>The same with each of Airflow's switches.</summary>
public sealed class PastSwitchVectors : IVectorKind
{
    public bool Reads(Vector vector) => vector.Text("kind") is "prev_dagrun_dep";

    public VectorResult Run(Vector vector)
    {
        if (Is(vector, "ignore_depends_on_past"))
            return VectorResult.Skipped("no command runs a task beside its dependencies");
        var dag = PastGraph.Of(Is(vector, "depends_on_past"), Is(vector, "wait_for_downstream"));
        var previous = vector.Text("previous_ti_state") is { } state
            ? GraphReader.Standing(
                dag,
                new Dictionary<string, string?>
                {
                    ["a"] = state,
                    ["b"] = Is(vector, "previous_dependents_done") ? "success" : "running",
                }
            )
            : null;
        var task = dag.Tasks[0];
        return VectorResult.Compare(
            vector.Find("expected_dep_met")!.Value.GetBoolean(),
            !task.WaitsForPast || PastDependency.IsMet(task, previous)
        );
    }

    static bool Is(Vector vector, string name) => vector.Find(name)?.GetBoolean() is true;
}

/// <summary><c>a >> b</c>, where a waits for the previous run.</summary>
static class PastGraph
{
    public static DagSpec Of(bool dependsOnPast, bool waitForDownstream) =>
        GraphReader.Read(
            ["a >> b"],
            x => x.TaskId == "a" ? x with { DependsOnPast = dependsOnPast, WaitForDownstream = waitForDownstream } : x
        );
}
