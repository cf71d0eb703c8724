using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Dags;

/// <summary><c>nightshift dags pause</c> and <c>unpause</c></summary>
static class PauseCommands
{
    public static Command Pause() =>
        Create("pause", "Make no runs by the schedule, and queue those asked for. Runs under way go on.", paused: true);

    public static Command Unpause() =>
        Create("unpause", "Make runs by the schedule again, and start those that were queued.", paused: false);

    static Command Create(string verb, string description, bool paused)
    {
        var dag = DagCommands.DagArgument();
        return ClientCommand.Create(
            verb,
            description,
            [dag],
            async (x, cancellationToken) =>
            {
                var answer = await x.Api.Patch(
                    $"api/v2/dags/{Uri.EscapeDataString(x.Value(dag))}",
                    new { is_paused = paused },
                    cancellationToken
                );
                await x.Out.WriteLineAsync(
                    x.Json ? answer.Pretty() : $"{answer.Text("dag_id")} is {(paused ? "paused" : "not paused")}."
                );
                return ExitCodes.Ok;
            }
        );
    }
}
