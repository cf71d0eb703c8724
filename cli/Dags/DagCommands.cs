using System.CommandLine;
using Nightshift.Cli.Client;
using Nightshift.Cli.Dags.Import;

namespace Nightshift.Cli.Dags;

/// <summary><c>nightshift dags</c></summary>
public static class DagCommands
{
    public static Command Create() =>
        ClientCommand.Group(
            "dags",
            "Look at DAGs, start, pause and unpause them.",
            List(),
            Show(),
            Errors(),
            VersionCommands.Versions(),
            VersionCommands.Diff(),
            TriggerCommand.Create(),
            ImportCommand.Create(),
            PauseCommands.Pause(),
            PauseCommands.Unpause(),
            DeleteCommand.Create(),
            ValidateCommand.Create(),
            FormatCommands.Schema(),
            FormatCommands.Fields()
        );

    static Command List()
    {
        var list = new ListOptions(most: null, hasPages: false)
            .Match("dag_id_pattern", "DAGs whose name has this in it")
            .Word("--paused", "paused", "Only those that are paused, or are not.", "true", "false")
            .Words(
                "--last-state",
                "last_dag_run_state",
                "Only DAGs whose latest run is so.",
                "queued",
                "running",
                "success",
                "failed"
            )
            .OrderBy("dag_id", "next_dagrun", "last_run_state", "last_run_start_date");
        return ClientCommand.Create(
            "list",
            "List the DAGs that are live.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/dags?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["dag", "schedule", "next run", "file"],
                            answer
                                .Items("dags")
                                .Select(d =>
                                    new[]
                                    {
                                        d.Text("dag_id"),
                                        d.Text("timetable_summary"),
                                        d.Text("is_paused") is "true" ? "paused" : d.LocalTime("next_dagrun_run_after"),
                                        d.Text("file_loc")
                                            + (
                                                DagText.HasMistake(d)
                                                    ? " (has a mistake: ./nightshift dags errors)"
                                                    : ""
                                            ),
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
        var dag = DagArgument();
        return ClientCommand.Create(
            "show",
            "Show one DAG with its tasks.",
            [dag],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/dags/{Uri.EscapeDataString(x.Value(dag))}", cancellationToken);
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : DagText.Of(answer));
                return ExitCodes.Ok;
            }
        );
    }

    static Command Errors() =>
        ClientCommand.Create(
            "errors",
            "List files that are no DAG, and what to write instead. Exits with 1 when there are any.",
            [],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get("api/v2/importErrors", cancellationToken);
                var texts = answer.Items("import_errors").Select(e => e.Text("stack_trace")).ToArray();
                if (x.Json)
                    await x.Out.WriteLineAsync(answer.Pretty());
                else
                    await x.Out.WriteLineAsync(texts.Length == 0 ? "All files are good." : string.Join('\n', texts));
                return texts.Length == 0 ? ExitCodes.Ok : ExitCodes.Failed;
            }
        );

    internal static Argument<string> DagArgument() => new("dag") { Description = "The DAG's name." };
}
