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
            "Look at runs, follow them, read their logs, cancel, mark and clear them.",
            List(),
            Show(),
            TriesCommand.Create(),
            RenderedCommand.Create(),
            WatchCommand.Create(),
            LogsCommand.Create(),
            WhyCommand.Create(),
            CancelCommand.Create(),
            MarkCommand.Create(),
            ClearCommand.Create()
        );

    static Command List()
    {
        var dag = new Option<string?>("--dag") { Description = "Only runs of this DAG.", HelpName = "dag" };
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, 1 to 1000.",
            DefaultValueFactory = _ => 20,
        };
        return ClientCommand.Create(
            "list",
            "List runs, newest first.",
            [dag, limit],
            async (x, cancellationToken) =>
            {
                var of = Uri.EscapeDataString(x.Parsed.GetValue(dag) ?? "~"); // Airflow's word for all of them
                var answer = await x.Api.Get(
                    $"api/v2/dags/{of}/dagRuns?limit={x.Parsed.GetValue(limit)}&order_by=-queued_at",
                    cancellationToken
                );
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["state", "dag", "run", "queued", "took"],
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
        $"api/v2/dags/{Uri.EscapeDataString(run.Text("dag_id"))}/dagRuns/{Uri.EscapeDataString(run.Text("dag_run_id"))}";
}
