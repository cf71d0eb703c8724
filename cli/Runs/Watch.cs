using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary>Shows one run as it goes: what becomes of its tasks, and every line they write.</summary>
public sealed class Watch(ClientContext context, JsonElement run)
{
    /// <summary>How long lines may still arrive after the run has ended.</summary>
    static readonly TimeSpan LastLines = TimeSpan.FromSeconds(10);

    readonly string id = run.Text("dag_run_id");
    readonly Follower follower = new(context.Api, context.Clock);
    readonly List<Task> logs = [];
    readonly Lock gate = new();

    /// <returns><see cref="ExitCodes.Ok"/> when the run succeeded.</returns>
    public async Task<int> Run(CancellationToken cancellationToken)
    {
        if (!context.Json)
            Print($"{id} ({run.Text("dag_id")})");
        var stream = $"api/v2/streams/run-{Uri.EscapeDataString(id)}";
        // A run that ended may have been opened again: only its latest end counts, or the one to come.
        var last = LastEnd((await context.Api.Get($"{stream}/state", cancellationToken)).At("state"));
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (var item in follower.Follow($"{stream}/follow?states=false", cancellationToken))
            {
                var step = JsonSerializer.Deserialize<JsonElement>(item.Data);
                Show(item.EventType, step, reading.Token);
                if (item.EventType is not "run_finished" || step.At("data").At("end").GetInt32() < last)
                    continue;
                await Settle(reading);
                return step.At("data").Text("outcome") is "Succeeded" ? ExitCodes.Ok : ExitCodes.Failed;
            }
            return ExitCodes.Failed; // following ends only when it is broken off
        }
        finally
        {
            await reading.CancelAsync();
        }
    }

    static int LastEnd(JsonElement run) =>
        run.At("ends").GetInt32() + (run.At("outcome").ValueKind is JsonValueKind.String ? 0 : 1);

    void Show(string type, JsonElement step, CancellationToken cancellationToken)
    {
        if (context.Json)
            Print(step.Compact());
        else if (WatchText.Of(type, step) is { } line)
            Print(line);
        if (type is "task_queued" && step.At("data").At("work").Text("kind") is not "noop")
            logs.Add(ReadLog(step.At("data"), cancellationToken));
    }

    async Task ReadLog(JsonElement queued, CancellationToken cancellationToken)
    {
        var (task, attempt) = (queued.Text("task"), queued.Text("attempt"));
        var path = $"{RunCommands.PathOf(run)}/taskInstances/{Uri.EscapeDataString(task)}/logs/{attempt}";
        try
        {
            await foreach (var line in LogLines.Follow(follower, path, cancellationToken))
                Print(
                    context.Json
                        ? JsonSerializer.Serialize(
                            new
                            {
                                task,
                                attempt = queued.At("attempt"),
                                line,
                            }
                        )
                        : $"[{task}] {LogLines.Text(line)}"
                );
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { } // the run is over
        catch (AnswerException no)
        {
            if (!context.Json)
                Print($"[{task}] (the log cannot be read: {no.Message})");
        }
    }

    async Task Settle(CancellationTokenSource reading)
    {
        var all = Task.WhenAll(logs);
        try
        {
            await all.WaitAsync(LastLines, context.Clock, reading.Token);
        }
        catch (TimeoutException)
        {
            if (!context.Json)
                Print("(some lines are still missing; 'runs logs' shows them later)");
            await reading.CancelAsync();
            await all;
        }
    }

    void Print(string line)
    {
        lock (gate)
            context.Out.WriteLine(line);
    }
}
