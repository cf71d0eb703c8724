using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs</c></summary>
public static class RunCommands
{
    public static Command Create() =>
        ClientCommand.Group(
            "runs",
            "Look at runs, follow them, read their logs, cancel, mark, clear and delete them.",
            List(),
            Show(),
            TriesCommand.Create(),
            RenderedCommand.Create(),
            WatchCommand.Create(),
            LogsCommand.Create(),
            WhyCommand.Create(),
            CancelCommand.Create(),
            MarkCommand.Create(),
            ClearCommand.Create(),
            DeleteRunCommand.Create()
        );

    static Command List()
    {
        var dag = new Option<string?>("--dag") { Description = "Only runs of this DAG.", HelpName = "dag" };
        var list = new ListOptions()
            .Words("--state", "state", "Only runs that are so.", "queued", "running", "success", "failed")
            .Words("--type", "run_type", "Only runs of this kind.", "manual", "scheduled", "push", "backfill")
            .Match("run_id_pattern", "runs whose id has this in it")
            .Times("logical-date", "logical_date", "runs whose logical date is")
            .Times("start", "start_date", "runs that started")
            .Times("end", "end_date", "runs that ended")
            .Times("updated", "updated_at", "runs that changed")
            .Seconds("--longer-than", "duration_gt", "Only runs that took longer.")
            .Seconds("--shorter-than", "duration_lt", "Only runs that took less.")
            .OrderBy("queued_at", "run_after", "logical_date", "start_date", "end_date", "updated_at", "duration");
        return ClientCommand.Create(
            "list",
            "List runs, newest first.",
            [dag, .. list.Symbols],
            async (x, cancellationToken) =>
            {
                var of = Uri.EscapeDataString(x.Parsed.GetValue(dag) ?? "~"); // Airflow's word for all of them
                var answer = await x.Api.Get($"api/v2/dags/{of}/dagRuns?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["state", "dag", "run", "queued", "took", "note"],
                            answer
                                .Items("dag_runs")
                                .Select(r =>
                                    new[]
                                    {
                                        r.Text("state"),
                                        r.Text("dag_id"),
                                        r.Text("dag_run_id"),
                                        r.LocalTime("queued_at"),
                                        RunText.Took(r, x.Clock.GetUtcNow()),
                                        Terminal.Excerpt(r.Text("note"), 60),
                                    }
                                )
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }

    static Command Show()
    {
        var run = RunArgument();
        return ClientCommand.Create(
            "show",
            "Show one run with its tasks.",
            [run],
            async (x, cancellationToken) =>
            {
                var answer = await Find(x.Api, x.Value(run), cancellationToken);
                var tasks = await x.Api.Get($"{PathOf(answer)}/taskInstances", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? JsonSerializer
                            .SerializeToElement(new { dag_run = answer, task_instances = tasks.At("task_instances") })
                            .Pretty() + "\n"
                        : RunText.Of(answer, tasks, x.Clock.GetUtcNow())
                );
                return ExitCodes.Ok;
            }
        );
    }

    internal static Argument<string> RunArgument() => new("run") { Description = "The run's id." };

    internal static Task<JsonElement> Find(Api api, string run, CancellationToken cancellationToken) =>
        api.Get($"api/v2/dags/~/dagRuns/{Uri.EscapeDataString(run)}", cancellationToken);

    internal static string PathOf(JsonElement run) =>
        $"api/v2/dags/{Uri.EscapeDataString(run.Text("dag_id"))}"
        + $"/dagRuns/{Uri.EscapeDataString(run.Text("dag_run_id"))}";
}
