using System.CommandLine;
using System.Text;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Replay;

/// <summary><c>nightshift replay</c>: why things are as they are.</summary>
public static class ReplayCommand
{
    static readonly string[] Kinds =
    [
        "run",
        "dag",
        "backfill",
        "pool",
        "attempt",
        "container",
        "delivery",
        "case",
        "incident",
    ];

    public static Command Create()
    {
        var kind = new Argument<string>("kind")
        {
            Description = "run, dag, backfill, pool, attempt, container, delivery, case or incident.",
        };
        kind.AcceptOnlyFromAmong(Kinds);
        var id = new Argument<string>("id")
        {
            Description = "Its id, as the lists show it; an attempt's is RUN.TASK.NUMBER.",
        };
        var at = new Option<string?>("--at")
        {
            Description = "Only the state then: a version such as 3, or a time such as 2026-01-31T09:00:00Z.",
            HelpName = "version|time",
        };
        var full = new Option<bool>("--full")
        {
            Description = "Show the whole state before and after each event, not only what changed.",
        };
        var value = new Option<string?>("--value")
        {
            Description = "Only a long value that an event refers to, by its sha256.",
            HelpName = "sha256",
        };
        return ClientCommand.Create(
            "replay",
            "Print every event of a stream with what it changed in the state.",
            [kind, id, at, full, value],
            async (x, cancellationToken) =>
            {
                var name = await Resolve(x.Api, x.Value(kind), x.Value(id), cancellationToken);
                var stream = $"api/v2/streams/{Uri.EscapeDataString(StreamOf(x.Value(kind), name))}";
                if (x.Parsed.GetValue(value) is { } sha256)
                    await PrintValue(x, stream, sha256, cancellationToken);
                else if (x.Parsed.GetValue(at) is { } then)
                    await PrintState(x, stream, then, cancellationToken);
                else
                    await PrintSteps(x, stream, x.Parsed.GetValue(full), cancellationToken);
                return ExitCodes.Ok;
            }
        );
    }

    // GitHub's GUID names an event; the delivery's own id says which hook's delivery of it.
    static async Task<string> Resolve(Api api, string kind, string id, CancellationToken cancellationToken) =>
        kind is "delivery" && Guid.TryParseExact(id, "D", out _)
            ? (await api.Get($"api/v2/deliveries/{id}", cancellationToken)).Text("id")
            : id;

    static async Task PrintState(ClientContext x, string stream, string at, CancellationToken cancellationToken)
    {
        var state = await x.Api.Get($"{stream}/state?at={Uri.EscapeDataString(at)}", cancellationToken);
        var recorded = state.LocalTime("recordedAt") is { Length: > 0 } time
            ? $"recorded {time}"
            : "before the first event";
        if (!x.Json)
            await x.Out.WriteLineAsync($"State at version {state.Text("version")}, {recorded}:");
        await x.Out.WriteLineAsync((x.Json ? state : state.At("state")).Pretty());
    }

    static async Task PrintValue(ClientContext x, string stream, string sha256, CancellationToken cancellationToken)
    {
        var text = await x.Api.GetText($"{stream}/values/{Uri.EscapeDataString(sha256)}", cancellationToken);
        await x.Out.WriteLineAsync(
            x.Json ? JsonSerializer.SerializeToElement(text).Compact() : Terminal.Lines(text.ReplaceLineEndings("\n"))
        );
    }

    static async Task PrintSteps(ClientContext x, string stream, bool full, CancellationToken cancellationToken)
    {
        var states = full
            ? new StateDocument((await x.Api.Get($"{stream}/state?at=0", cancellationToken)).At("state"))
            : null;
        var (before, first) = (states?.State, true);
        await foreach (var step in ReplayReader.Read(x.Api, stream, cancellationToken))
        {
            states?.Apply(step);
            var after = states?.State;
            if (x.Json)
            {
                await x.Out.WriteAsync(first ? "[\n" : ",\n");
                JsonOutput.WritePretty(Json(step, before, after), x.Out);
            }
            else
                await Print(x.Out, Text(step, before, after).Prepend(first ? "" : "\n"));
            (before, first) = (after, false);
        }
        if (x.Json)
            await x.Out.WriteLineAsync(first ? "[]" : "\n]");
    }

    // As few writes as memory allows: each is a call of the system.
    static async Task Print(TextWriter output, IEnumerable<string> lines)
    {
        const int enough = 16 * 1024;
        var text = new StringBuilder();
        foreach (var line in lines)
            if (text.Append(line).Length >= enough)
            {
                await output.WriteAsync(text.ToString());
                text.Clear();
            }
        await output.WriteAsync(text.ToString());
    }

    static IEnumerable<string> Text(JsonElement step, JsonElement? before, JsonElement? after) =>
        before is { } old && after is { } now ? ReplayText.Full(step, old, now) : ReplayText.Of(step);

    // The whole states, when they were asked for, in the place of what differs.
    static JsonElement Json(JsonElement step, JsonElement? before, JsonElement? after)
    {
        if (before is null)
            return step;
        var whole = JsonSerializer.SerializeToNode(step)!.AsObject();
        whole.Remove("changes");
        whole["before"] = JsonSerializer.SerializeToNode(before);
        whole["after"] = JsonSerializer.SerializeToNode(after);
        return JsonSerializer.SerializeToElement(whole);
    }

    /// <summary>The stream of a thing; an id that is a stream's name already stays what it is.</summary>
    public static string StreamOf(string kind, string id) =>
        id.StartsWith($"{kind}-", StringComparison.Ordinal) ? id : $"{kind}-{id}";
}
