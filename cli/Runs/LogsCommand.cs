using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs logs</c></summary>
public static class LogsCommand
{
    public static Command Create()
    {
        var run = RunCommands.RunArgument();
        var task = new Argument<string>("task")
        {
            Description = "The task's name; of a mapped task with an index: load[3].",
        };
        var attempt = new Option<int?>("--try")
        {
            Description = "Which attempt, from 1. Otherwise the latest.",
            HelpName = "n",
        };
        attempt.Validators.Add(x =>
        {
            if (x.Tokens is [{ Value: var given }] && (!int.TryParse(given, out var n) || n < 1))
                x.AddError($"--try is '{given}'; write a number from 1");
        });
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the attempt has ended." };
        return ClientCommand.Create(
            "logs",
            "Print what a task wrote.",
            [run, task, attempt, follow],
            async (x, cancellationToken) =>
            {
                var found = await RunCommands.Find(x.Api, x.Value(run), cancellationToken);
                var instance = $"{RunCommands.PathOf(found)}/taskInstances/{Uri.EscapeDataString(x.Value(task))}";
                var number =
                    x.Parsed.GetValue(attempt)
                    ?? await Latest(x, instance, x.Parsed.GetValue(follow), cancellationToken);
                var path = $"{instance}/logs/{number}";
                if (x.Parsed.GetValue(follow))
                    await foreach (var line in LogLines.Follow(new Follower(x.Api, x.Clock), path, cancellationToken))
                        await x.Out.WriteLineAsync(x.Json ? line.Compact() : LogLines.Text(line));
                else if (x.Json)
                    await x.Out.WriteLineAsync((await x.Api.Get(path, cancellationToken)).Pretty());
                else
                    await foreach (var line in LogLines.Read(x.Api, path, cancellationToken))
                        await x.Out.WriteLineAsync(line);
                return ExitCodes.Ok;
            }
        );
    }

    static async Task<int> Latest(ClientContext x, string instance, bool willWait, CancellationToken cancellationToken)
    {
        var answer = await x.Api.Get(instance, cancellationToken);
        return answer.At("try_number") is { ValueKind: JsonValueKind.Number } tries && tries.GetInt32() > 0
                ? tries.GetInt32()
            : willWait ? 1
            : throw new AnswerException(
                ExitCodes.Failed,
                $"{TaskName.Of(answer)} has not been tried yet; it is '{answer.Text("state")}'. --follow waits for it."
            );
    }
}
