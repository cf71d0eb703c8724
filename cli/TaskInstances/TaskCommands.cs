using System.CommandLine;
using Nightshift.Cli.Client;
using Nightshift.Cli.Runs;

namespace Nightshift.Cli.TaskInstances;

/// <summary><c>nightshift tasks</c></summary>
public static class TaskCommands
{
    public static Command Create() => ClientCommand.Group("tasks", "See task instances of all runs.", List());

    static Command List()
    {
        var dag = new Option<string?>("--dag") { Description = "Only tasks of this DAG.", HelpName = "dag" };
        var list = new ListOptions()
            .Words(
                "--state",
                "state",
                "Only tasks that are so.",
                "scheduled",
                "queued",
                "running",
                "success",
                "failed",
                "up_for_retry",
                "upstream_failed",
                "skipped"
            )
            .Text("--run", "run_id", "Only tasks of this run.", "run")
            .Text("--task", "task_id", "Only tasks of this name.", "task")
            .Match("task_id_pattern", "tasks whose name has this in it")
            .Words("--pool", "pool", "Only tasks of this pool.")
            .Words("--queue", "queue", "Only tasks of this executor queue.")
            .Times("logical-date", "logical_date", "tasks of runs whose logical date is")
            .Times("start", "start_date", "tasks that started")
            .Times("end", "end_date", "tasks that ended")
            .Times("updated", "updated_at", "tasks that changed")
            .Seconds("--longer-than", "duration_gt", "Only tasks that took longer.")
            .Seconds("--shorter-than", "duration_lt", "Only tasks that took less.")
            .OrderBy("start_date", "updated_at");
        return ClientCommand.Create(
            "list",
            "List task instances, the latest start first.",
            [dag, .. list.Symbols],
            async (x, cancellationToken) =>
            {
                var of = Uri.EscapeDataString(x.Parsed.GetValue(dag) ?? "~"); // Airflow's word for all of them
                var answer = await x.Api.Get(
                    $"api/v2/dags/{of}/dagRuns/~/taskInstances?{list.Query(x.Parsed)}",
                    cancellationToken
                );
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["state", "task", "run", "try", "started", "took", "reason"],
                            answer
                                .Items("task_instances")
                                .Select(t =>
                                    new[]
                                    {
                                        t.Text("state"),
                                        t.Text("task_id"),
                                        t.Text("dag_run_id"),
                                        $"{t.Text("try_number")} of {t.Text("max_tries")}",
                                        t.LocalTime("start_date"),
                                        RunText.Took(t, x.Clock.GetUtcNow()),
                                        t.Text("failure") is { Length: > 0 } failure ? failure : t.Text("skip_reason"),
                                    }
                                )
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }
}
