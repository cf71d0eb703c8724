using System.Text.Json;
using Nightshift.Cli.Client;
using Nightshift.DagFiles;

namespace Nightshift.Cli.Dags;

/// <summary>One DAG for people.</summary>
public static class DagText
{
    public static string Of(JsonElement dag) =>
        Columns.Pairs(
            ("DAG", dag.Text("dag_id")),
            ("Schedule", dag.Text("timetable_summary")),
            ("Time zone", dag.Text("timezone")),
            ("Paused", dag.Text("is_paused") is "true" ? "yes: './nightshift dags unpause' goes on" : ""),
            ("Next run", dag.LocalTime("next_dagrun_run_after")),
            ("Problem", dag.Text("schedule_problem")),
            ("Catchup", dag.Text("catchup")),
            ("Requires", string.Join(", ", dag.Items("requires").Select(Requirement))),
            ("File", dag.Text("file_loc")),
            (
                "Mistake",
                HasMistake(dag)
                    ? "the file has one, so this is its last good version; ./nightshift dags errors shows it"
                    : ""
            ),
            ("Version", dag.Text("version"))
        )
        + Params(dag)
        + "\n"
        + Columns.Of(
            ["task", "needs", "rule", "image", "retries", "memory"],
            dag.Items("tasks")
                .Select(t =>
                    new[]
                    {
                        t.Text("task_id") + (t.Text("is_mapped") is "true" ? "[]" : ""),
                        string.Join(",", t.Items("upstream_task_ids").Select(u => u.GetString())),
                        t.Text("trigger_rule"),
                        t.Text("image"),
                        t.Text("retries"),
                        $"{t.Text("memory_mib")} MiB",
                    }
                )
        )
        + Groups([.. dag.Items("task_groups")]);

    static string Requirement(JsonElement x) =>
        x.At("within") is { ValueKind: JsonValueKind.Number } within
            ? $"{x.Text("dag_id")} within {Durations.Write(TimeSpan.FromSeconds(within.GetDouble()))}"
            : x.Text("dag_id");

    static string Groups(IReadOnlyList<JsonElement> groups) =>
        groups.Count == 0
            ? ""
            : "\n"
                + Columns.Of(
                    ["group", "tooltip"],
                    groups.Select(x => new[] { x.Text("task_group_id"), x.Text("tooltip") })
                );

    static string Params(JsonElement dag) =>
        dag.At("params") is { ValueKind: JsonValueKind.Object } values
        && values.EnumerateObject().ToList() is [_, ..] all
            ? "\n"
                + Columns.Of(
                    ["param", "default", "schema", "description"],
                    all.Select(x =>
                        new[]
                        {
                            x.Name,
                            x.Value.Text("required") is "true" ? "(required)" : ValueOf(x.Value.At("value")),
                            x.Value.At("schema") is { ValueKind: JsonValueKind.Object } schema
                            && schema.EnumerateObject().Any()
                                ? schema.Compact()
                                : "",
                            x.Value.Text("description"),
                        }
                    )
                )
            : "";

    static string ValueOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            _ => value.Compact(),
        };

    /// <summary>True when the DAG's file has a mistake now, and the DAG is its last good version.</summary>
    public static bool HasMistake(JsonElement dag) => dag.At("has_import_errors") is { ValueKind: JsonValueKind.True };
}
