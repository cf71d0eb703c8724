using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Deliveries;

/// <summary><c>nightshift deliveries</c></summary>
public static class DeliveryCommands
{
    public static Command Create() =>
        ClientCommand.Group("deliveries", "See what GitHub sent and what came of it.", List(), Show());

    static Command List()
    {
        var list = new ListOptions()
            .Word("--status", "status", "Only deliveries that are so.", "received", "matched", "ignored")
            .Text("--repository", "repository", "Only deliveries of this repository.", "owner/name");
        return ClientCommand.Create(
            "list",
            "List deliveries, newest first.",
            list.Symbols,
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get($"api/v2/deliveries?{list.Query(x.Parsed)}", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["status", "event", "repository", "ref", "received", "delivery", "came of it"],
                            answer
                                .Items("deliveries")
                                .Select(d =>
                                    new[]
                                    {
                                        d.Text("status"),
                                        d.Text("action") is { Length: > 0 } action
                                            ? $"{d.Text("event")}.{action}"
                                            : d.Text("event"),
                                        d.Text("repository"),
                                        d.Text("ref"),
                                        d.LocalTime("receivedAt"),
                                        d.Text("deliveryId"),
                                        d.Items("runIds").Any()
                                            ? string.Join(", ", d.Items("runIds").Select(r => r.GetString()))
                                            : d.Text("reason"),
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
        var id = new Argument<string>("delivery") { Description = "GitHub's delivery GUID, or HOOK.GUID." };
        return ClientCommand.Create(
            "show",
            "Show one delivery and why it started what it started.",
            [id],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Get(
                    $"api/v2/deliveries/{Uri.EscapeDataString(x.Value(id))}",
                    cancellationToken
                );
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : Text(answer));
                return ExitCodes.Ok;
            }
        );
    }

    static string Text(JsonElement delivery)
    {
        var received = delivery.At("received");
        return Columns.Pairs(
                ("Delivery", delivery.Text("id")),
                ("Same event", string.Join(", ", delivery.Items("sameEvent").Select(x => x.GetString()))),
                ("Event", received.Text("event")),
                ("Action", received.Text("action")),
                ("Repository", received.Text("repository")),
                ("Ref", received.Text("ref")),
                ("Sender", received.Text("sender")),
                ("Received", received.LocalTime("at")),
                ("Status", delivery.Text("status")),
                ("Reason", delivery.Text("reason")),
                ("Runs", string.Join(", ", delivery.Items("runs").Select(r => r.Text("runId")))),
                ("Replay", $"./nightshift replay delivery {delivery.Text("id")}")
            )
            + "\n"
            + Columns.Of(
                ["dag", "starts", "why"],
                delivery
                    .Items("verdicts")
                    .Select(v => new[] { v.Text("dagId"), v.Text("matched") is "true" ? "yes" : "no", v.Text("why") })
            );
    }
}
