using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Healing;

/// <summary><c>nightshift healing</c></summary>
public static class HealingCommands
{
    public static Command Create() =>
        ClientCommand.Group("healing", "See what Nightshift did about failures.", List(), Show());

    static Command List()
    {
        var list = new ListOptions(most: 100).Word(
            "--state",
            "state",
            "Only what is so.",
            "waiting",
            "acting",
            "proving",
            "well",
            "given-up"
        );
        return ClientCommand.Create(
            "list",
            "List what ever failed, the latest change first.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/healing?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["state", "target", "failures", "actions", "healed", "given up", "updated", "last action"],
                            answer
                                .Items("cases")
                                .Select(c =>
                                    new[]
                                    {
                                        c.Text("state"),
                                        c.Text("target"),
                                        c.Text("failures"),
                                        c.Text("actions"),
                                        c.Text("verified"),
                                        c.Text("givenUp"),
                                        c.LocalTime("updatedAt"),
                                        c.Text("lastAction"),
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
        var target = new Argument<string>("target")
        {
            Description = "What failed: dag.DAG, task.DAG.TASK or container.NAME.",
        };
        return ClientCommand.Create(
            "show",
            "Show what was done about one target.",
            [target],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get(
                    $"api/v2/healing/{Uri.EscapeDataString(x.Value(target))}",
                    cancellationToken
                );
                var c = answer.At("row");
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Pairs(
                            ("Target", c.Text("target")),
                            ("State", c.Text("state")),
                            ("Last", c.Text("summary")),
                            ("Subject", c.Text("subject")),
                            ("Failures", c.Text("failures")),
                            ("Actions", c.Text("actions")),
                            ("Healed", c.Text("verified")),
                            ("Given up", c.Text("givenUp")),
                            ("Last action", c.Text("lastAction")),
                            ("Done at", c.LocalTime("lastActionAt")),
                            ("Updated", c.LocalTime("updatedAt")),
                            ("Replay", $"./nightshift replay case {c.Text("target")}")
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }
}
