using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Events;

/// <summary><c>nightshift events</c></summary>
public static class EventCommands
{
    const string Path = "api/v2/eventLogs";

    public static Command Create() =>
        ClientCommand.Group(
            "events",
            "See what people and the system did to DAGs, runs, pools and backfills, and who.",
            List(),
            Show()
        );

    static Command List()
    {
        var list = new ListOptions()
            .Text("--dag", "dag_id", "Only what concerns this DAG.", "dag")
            .Text("--run", "run_id", "Only what concerns this run.", "run")
            .Text("--task", "task_id", "Only what concerns this task.", "task")
            .Text("--owner", "owner", "Only what this person did: the name of a token.", "name")
            .Words("--event", "event", "Only this, such as run_queued or dag_paused.")
            .Words("--exclude", "excluded_events", "Anything but this.")
            .Time("--after", "after", "Only what was done later.")
            .Time("--before", "before", "Only what was done earlier.")
            .OrderBy("when");
        return ClientCommand.Create(
            "list",
            "List what was done, the latest first.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"{Path}?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["id", "when", "event", "who", "dag", "run", "task", "details"],
                            answer
                                .Items("event_logs")
                                .Select(e =>
                                    new[]
                                    {
                                        e.Text("event_log_id"),
                                        e.LocalTime("when"),
                                        e.Text("event"),
                                        e.Text("owner"),
                                        e.Text("dag_id"),
                                        e.Text("run_id"),
                                        e.Text("task_id"),
                                        Terminal.Excerpt(e.Text("extra"), 80),
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
        var id = new Argument<long>("event") { Description = "The number that the list shows." };
        return ClientCommand.Create(
            "show",
            "Show one entry.",
            [id],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"{Path}/{x.Parsed.GetValue(id)}", cancellationToken);
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : Text(answer));
                return ExitCodes.Ok;
            }
        );
    }

    static string Text(JsonElement x) =>
        Columns.Pairs(
            ("Event", x.Text("event")),
            ("When", x.LocalTime("when")),
            ("Who", x.Text("owner")),
            ("DAG", x.Text("dag_id")),
            ("Run", x.Text("run_id")),
            ("Logical date", x.LocalTime("logical_date")),
            ("Task", x.Text("task_id")),
            ("Map index", x.Text("map_index") is "-1" ? "" : x.Text("map_index")),
            ("Try", x.Text("try_number")),
            ("Details", x.Text("extra"))
        );
}
