using System.Globalization;
using System.Text.Json.Nodes;
using Nightshift.Cli.Dags.Import;
using Nightshift.Cli.Dags.Import.Airflow;

namespace Nightshift.Cli.Tests.Dags.Import;

/// <summary>Task groups of Airflow, whose arrows are between tasks by the time a DAG is serialised.</summary>
public sealed class AirflowGroupTests
{
    /// <summary>A DAG of tasks that print, each with the tasks behind it.</summary>
    static ImportedDag Import(string groups, params (string Id, string Command, string[] Behind)[] tasks)
    {
        var dag = new JsonObject
        {
            ["dag_id"] = "grouped",
            ["task_group"] = JsonNode.Parse(groups),
            ["tasks"] = new JsonArray([
                .. tasks.Select(x => new JsonObject
                {
                    ["task_id"] = x.Id,
                    ["task_type"] = "BashOperator",
                    ["bash_command"] = x.Command,
                    ["downstream_task_ids"] = new JsonArray([.. x.Behind.Select(y => (JsonNode)y)]),
                }),
            ]),
        };
        var file = new JsonObject { ["__version"] = 3, ["dag"] = dag }.ToJsonString();
        return Assert.Single(
            AirflowImport
                .Of(
                    [("dag.json", file)],
                    image: null,
                    DateTimeOffset.Parse("2026-03-01Z", CultureInfo.InvariantCulture)
                )
                .Dags
        );
    }

    static IEnumerable<string> Needs(ImportedDag dag) =>
        dag.Spec().Tasks.Select(x => $"{x.TaskId} <- {string.Join(' ', x.Needs)}");

    // start ─► load.a ─► load.in.a ─► end, and one that is called as one outside
    [Fact]
    public void Groups_are_kept_and_each_task_needs_what_it_needed()
    {
        var dag = Import(
            """
            { "_group_id": null, "children": { "load": ["taskgroup", { "_group_id": "load", "tooltip": "Loads it",
              "children": { "load.in": ["taskgroup", { "_group_id": "in", "tooltip": "", "children": {} }] } }] } }
            """,
            ("start", "ls", ["load.a"]),
            ("load.a", "ls", ["load.in.a", "load.in.b"]),
            ("load.in.a", "ls", ["end"]),
            ("load.in.b", "echo {{ ti.xcom_pull(task_ids='load.a') }}", ["end"]),
            ("end", "echo {{ ti.xcom_pull(task_ids='load.in.a') }}", [])
        );
        Assert.Equal(
            [
                "start <- ",
                "load.a <- start",
                "load.in.a <- load.a",
                "load.in.b <- load.a",
                "end <- load.in.a load.in.b",
            ],
            Needs(dag)
        );
        Assert.Equal(["load Loads it", "load.in "], dag.Spec().Groups!.Select(x => $"{x.GroupId} {x.Tooltip}"));
        // 'a' is another task from inside 'in', so the name is longer there
        Assert.Contains("{{ tasks.load.a.output.return_value }}", dag.Content, StringComparison.Ordinal);
        Assert.Contains("{{ tasks.load.in.a.output.return_value }}", dag.Content, StringComparison.Ordinal);
        Assert.Empty(dag.Notes);
    }

    [Fact]
    public void A_dot_that_is_no_group_s_is_replaced()
    {
        var dag = Import(
            "null",
            ("a", "ls", ["a.b", "x..y", string.Join('.', Enumerable.Repeat("d", 60))]),
            ("a.b", "ls", []),
            ("x..y", "ls", []),
            (string.Join('.', Enumerable.Repeat("d", 60)), "ls", [])
        );
        Assert.Equal(
            ["a <- ", "a_b <- a", "x_y <- a", $"{string.Join('_', Enumerable.Repeat("d", 40))}_ <- a"],
            Needs(dag)
        );
        Assert.Equal(3, dag.Notes.Count);
    }

    [Fact]
    public void What_a_group_had_beyond_names_is_said()
    {
        var dag = Import(
            """
            { "_group_id": null, "children": {
              "plain": ["taskgroup", { "_group_id": "plain", "prefix_group_id": false, "children": {
                "in": ["taskgroup", { "_group_id": "in", "prefix_group_id": true, "tooltip": "Inner", "children": {} }] } }],
              "many": ["taskgroup", { "_group_id": "many", "is_mapped": true, "expand_input": {}, "children": {} }] } }
            """,
            ("in.a", "ls", ["many.b"]),
            ("many.b", "ls", [])
        );
        Assert.Equal(["in.a <- ", "many.b <- in.a"], Needs(dag));
        Assert.Equal(["in Inner", "many "], dag.Spec().Groups!.Select(x => $"{x.GroupId} {x.Tooltip}"));
        Assert.Contains(
            dag.LeftOut,
            x => x is { Field: "task_group", Text: "Group 'many' is mapped; its tasks run once" }
        );
        Assert.Equal(["prefix_group_id"], dag.Notes.Select(x => x.Field));
    }
}
