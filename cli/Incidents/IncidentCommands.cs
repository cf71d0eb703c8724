using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Incidents;

/// <summary><c>nightshift incidents</c></summary>
public static class IncidentCommands
{
    public static Command Create() =>
        ClientCommand.Group(
            "incidents",
            "Look at incidents and take them on.",
            List(),
            Show(),
            Act("ack", "acknowledge", "Take an incident on; it stops being escalated.", "is acknowledged by"),
            Act("resolve", "resolve", "Say that an incident is over.", "is resolved by")
        );

    static Command List()
    {
        var list = new ListOptions(most: 100).Word(
            "--state",
            "state",
            "Only incidents that are so.",
            "open",
            "acknowledged",
            "resolved"
        );
        return ClientCommand.Create(
            "list",
            "List incidents, the latest change first.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/incidents?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["state", "tier", "incident", "since", "what", "why"],
                            answer
                                .Items("incidents")
                                .Select(i =>
                                    new[]
                                    {
                                        i.Text("state"),
                                        $"{i.Text("tier")} of {i.Text("tiers")}",
                                        i.Text("id"),
                                        i.LocalTime("raisedAt"),
                                        i.Text("summary"),
                                        i.Text("why"),
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
        var id = IdArgument();
        return ClientCommand.Create(
            "show",
            "Show one incident.",
            [id],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get(PathOf(x.Value(id)), cancellationToken);
                var i = answer.At("row");
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Pairs(
                            ("Incident", i.Text("id")),
                            ("State", i.Text("state")),
                            ("What", i.Text("summary")),
                            ("Why", i.Text("why")),
                            ("Tier", $"{i.Text("tier")} of {i.Text("tiers")}"),
                            ("Failures", i.Text("failures")),
                            ("Runs", Names(i, "runs")),
                            ("Tasks", Names(i, "tasks")),
                            ("Since", i.LocalTime("raisedAt")),
                            ("Acknowledged", By(i.Text("acknowledgedBy"), i.LocalTime("acknowledgedAt"))),
                            ("Resolved", By(i.Text("resolvedBy"), i.LocalTime("resolvedAt"))),
                            ("Remark", i.Text("reason")),
                            ("Replay", $"./nightshift replay incident {i.Text("id")}"),
                            ("Healing", $"./nightshift replay case {i.Text("id")}")
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }

    static Command Act(string name, string verb, string description, string words)
    {
        var (id, by) = (IdArgument(), verb is "resolve" ? "resolvedBy" : "acknowledgedBy");
        var reason = new Option<string?>("--reason", "-m")
        {
            Description = "A remark for the record.",
            HelpName = "text",
        };
        return ClientCommand.Create(
            name,
            description,
            [id, reason],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Post(
                    $"{PathOf(x.Value(id))}/{verb}",
                    new { reason = x.Parsed.GetValue(reason) },
                    cancellationToken
                );
                await x.Out.WriteLineAsync(
                    x.Json ? answer.Pretty() : $"{answer.Text("id")} {words} {answer.Text(by)}."
                );
                return ExitCodes.Ok;
            }
        );
    }

    static string Names(JsonElement from, string name) =>
        string.Join(", ", from.Items(name).Select(x => x.GetString()));

    static string By(string who, string when) => who.Length == 0 ? "" : $"{when} by {who}";

    static Argument<string> IdArgument() =>
        new("incident") { Description = "The incident's id: dag.DAG or container.NAME." };

    static string PathOf(string id) => $"api/v2/incidents/{Uri.EscapeDataString(id)}";
}
