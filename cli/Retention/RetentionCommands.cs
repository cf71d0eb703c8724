using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Retention;

/// <summary><c>nightshift retention</c></summary>
public static class RetentionCommands
{
    static readonly string[] Services = ["scheduler", "executor", "webhooks", "healer", "escalation"];

    public static Command Create() =>
        ClientCommand.Group("retention", "See what is kept for how long, and remove what is older.", Show(), Run());

    static Command Show() =>
        ClientCommand.Create(
            "show",
            "Show how long each kind of data is kept, and what was removed.",
            [],
            (x, cancellationToken) =>
                Print(
                    x,
                    ["service", "kind", "kept for", "setting", "removed", "last removed"],
                    service => x.Api.Get($"api/v2/retention/{service}", cancellationToken),
                    kind =>
                        [
                            kind.Text("kind"),
                            KeptFor(kind),
                            kind.Text("setting"),
                            $"{kind.Text("removed")} {kind.Text("unit")}",
                            kind.LocalTime("lastRemovedAt"),
                        ]
                )
        );

    static Command Run()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count what would be removed." };
        return ClientCommand.Create(
            "run",
            "Remove what is older than its period now, rather than within the hour.",
            [dryRun],
            (x, cancellationToken) =>
                Print(
                    x,
                    ["service", "kind", x.Parsed.GetValue(dryRun) ? "would go" : "goes", "ended before"],
                    service =>
                        x.Api.Post(
                            $"api/v2/retention/{service}/run?dryRun={(x.Parsed.GetValue(dryRun) ? "true" : "false")}",
                            new { },
                            cancellationToken
                        ),
                    kind =>
                        [
                            kind.Text("kind"),
                            $"{kind.Text("expired")} {kind.Text("unit")}",
                            kind.LocalTime("endedBefore"),
                        ]
                )
        );
    }

    static async Task<int> Print(
        ClientContext x,
        IReadOnlyList<string> headers,
        Func<string, Task<JsonElement>> ask,
        Func<JsonElement, string[]> row
    )
    {
        var answers = new Dictionary<string, JsonElement>();
        foreach (var service in Services)
            answers.Add(service, await ask(service));
        await x.Out.WriteAsync(
            x.Json
                ? JsonSerializer.SerializeToElement(answers).Pretty() + "\n"
                : Columns.Of(
                    headers,
                    answers.SelectMany(x => x.Value.EnumerateArray().Select(kind => (string[])[x.Key, .. row(kind)]))
                )
        );
        return ExitCodes.Ok;
    }

    static string KeptFor(JsonElement kind) =>
        (kind.Text("periodDays"), kind.Text("keptUntil")) switch
        {
            ({ Length: > 0 } days, _) => $"{days} days",
            (_, { Length: > 0 } until) => $"until {until}",
            _ => "for ever",
        };
}
