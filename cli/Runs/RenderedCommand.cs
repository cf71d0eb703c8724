using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs rendered</c></summary>
public static class RenderedCommand
{
    public static Command Create()
    {
        var run = RunCommands.RunArgument();
        var task = new Argument<string>("task") { Description = "The task's name." };
        var number = new Option<int?>("--try") { Description = "Which attempt; by default the latest." };
        return ClientCommand.Create(
            "rendered",
            "Show what an attempt was asked to do: image, command and environment after rendering, secrets by name.",
            [run, task, number],
            async (x, cancellationToken) =>
            {
                var path = RunCommands.PathOf(await RunCommands.Find(x.Api, x.Value(run), cancellationToken));
                var query = x.Parsed.GetValue(number) is { } n
                    ? string.Create(CultureInfo.InvariantCulture, $"?try_number={n}")
                    : "";
                var answer = await x.Api.Get(
                    $"{path}/taskInstances/{Uri.EscapeDataString(x.Value(task))}/renderedFields{query}",
                    cancellationToken
                );
                await x.Out.WriteAsync(x.Json ? answer.Pretty() + "\n" : TextOf(answer));
                return ExitCodes.Ok;
            }
        );
    }

    static string TextOf(JsonElement answer)
    {
        var fields = answer.At("rendered_fields");
        var env = fields.At("env") is { ValueKind: JsonValueKind.Object } variables
            ? variables.EnumerateObject().OrderBy(x => x.Name, StringComparer.Ordinal).ToList()
            : [];
        return Columns.Pairs(
                ("Try", answer.Text("try_number")),
                ("Image", fields.Text("image")),
                ("Command", fields.Items("command").Any() ? fields.At("command").Compact() : ""),
                ("Timeout", $"{fields.Text("timeout")} s"),
                ("Memory", $"{fields.Text("memory")} MiB"),
                ("Cpus", fields.Text("cpus")),
                ("Queue", fields.Text("queue"))
            )
            + (
                env.Count == 0
                    ? ""
                    : "\n" + Columns.Of(["variable", "value"], env.Select(x => new[] { x.Name, x.Value.GetString()! }))
            );
    }
}
