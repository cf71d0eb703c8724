using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs why</c></summary>
static class WhyCommand
{
    public static Command Create()
    {
        var run = RunCommands.RunArgument();
        var task = new Argument<string?>("task") { Description = "Only this task.", Arity = ArgumentArity.ZeroOrOne };
        return ClientCommand.Create(
            "why",
            "Show what the tasks of a run wait for, by name.",
            [run, task],
            async (x, cancellationToken) =>
            {
                var found = await RunCommands.Find(x.Api, x.Value(run), cancellationToken);
                var (path, only) = (RunCommands.PathOf(found), x.Parsed.GetValue(task));
                var answer = await x.Api.Get(
                    only is null
                        ? $"{path}/dependencies"
                        : $"{path}/taskInstances/{Uri.EscapeDataString(only)}/dependencies",
                    cancellationToken
                );
                await x.Out.WriteAsync(
                    x.Json ? answer.Pretty() + "\n"
                    : only is null ? OfRun(found, answer)
                    : OfTask(only, answer)
                );
                return ExitCodes.Ok;
            }
        );
    }

    static string OfRun(JsonElement run, JsonElement answer)
    {
        var tasks = answer.Items("task_instances").ToList();
        return tasks.Count == 0
            ? $"No task waits; the run is {run.Text("state")}.\n"
            : Columns.Of(
                ["task", "state", "since", "waits for"],
                tasks.SelectMany(x =>
                    x.Items("dependencies")
                        .Select(y =>
                            new[]
                            {
                                TaskName.Of(x),
                                x.Text("state"),
                                x.LocalTime("since", "HH:mm:ss"),
                                y.Text("reason"),
                            }
                        )
                )
            );
    }

    static string OfTask(string task, JsonElement answer)
    {
        var reasons = answer.Items("dependencies").Select(x => x.Text("reason")).ToList();
        return reasons.Count == 0
            ? $"Task {task} does not wait: it runs, or has ended.\n"
            : string.Concat(reasons.Select(x => $"{Terminal.Value(x)}\n"));
    }
}
