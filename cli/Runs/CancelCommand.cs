using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs cancel</c></summary>
public static class CancelCommand
{
    public static Command Create()
    {
        var (options, task) = (new InterventionOptions(), InterventionOptions.TaskOption());
        return ClientCommand.Create(
            "cancel",
            "End a run, or one task of it: containers are stopped, teardowns still run. It has failed then.",
            [options.Run, task, options.Note, options.DryRun],
            async (x, cancellationToken) =>
            {
                var run = await RunCommands.Find(x.Api, x.Value(options.Run), cancellationToken);
                var (path, dryRun) = (RunCommands.PathOf(run), x.Parsed.GetValue(options.DryRun));
                if (x.Parsed.GetValue(task) is { } name)
                    path += $"/taskInstances/{Uri.EscapeDataString(name)}";
                var body = new { note = x.Parsed.GetValue(options.Note), dry_run = dryRun };
                var answer = await x.Api.Post($"{path}/cancel", body, cancellationToken);
                await x.Out.WriteAsync(
                    x.Json ? answer.Pretty() + "\n" : InterventionOptions.Text(answer, "cancelled", dryRun)
                );
                return ExitCodes.Ok;
            }
        );
    }
}
