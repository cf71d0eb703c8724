using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs tries</c></summary>
public static class TriesCommand
{
    public static Command Create()
    {
        var run = RunCommands.RunArgument();
        var task = new Argument<string>("task")
        {
            Description = "The task's name; of a mapped task with an index: load[3].",
        };
        return ClientCommand.Create(
            "tries",
            "List the attempts of a task, oldest first, and why each failed.",
            [run, task],
            async (x, cancellationToken) =>
            {
                var path = RunCommands.PathOf(await RunCommands.Find(x.Api, x.Value(run), cancellationToken));
                var answer = await x.Api.Get(
                    $"{path}/taskInstances/{Uri.EscapeDataString(x.Value(task))}/tries",
                    cancellationToken
                );
                await x.Out.WriteAsync(
                    x.Json
                        ? answer.Pretty() + "\n"
                        : Columns.Of(
                            ["try", "state", "queued", "started", "ended", "memory", "failure"],
                            answer
                                .Items("task_instances")
                                .Select(t =>
                                    new[]
                                    {
                                        t.Text("try_number"),
                                        t.Text("state"),
                                        t.LocalTime("queued_when"),
                                        t.LocalTime("start_date"),
                                        t.LocalTime("end_date"),
                                        t.Text("memory_mib") is { Length: > 0 } memory ? $"{memory} MiB" : "",
                                        t.Text("failure"),
                                    }
                                )
                        )
                );
                return ExitCodes.Ok;
            }
        );
    }
}
