using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Runs;

/// <summary><c>nightshift runs delete</c></summary>
public static class DeleteRunCommand
{
    public static Command Create()
    {
        var (run, yes) = (RunCommands.RunArgument(), Confirmation.YesOption());
        return ClientCommand
            .Create(
                "delete",
                "Delete a run that has ended.",
                [run, yes],
                async (x, cancellationToken) =>
                {
                    var id = x.Value(run);
                    if (!x.Parsed.GetValue(yes))
                        await Confirmation.Ask(x, $"Delete run {Terminal.Value(id)}", cancellationToken);
                    await x.Api.Delete($"api/v2/dags/~/dagRuns/{Uri.EscapeDataString(id)}", cancellationToken);
                    await x.Out.WriteLineAsync(
                        x.Json
                            ? JsonSerializer.SerializeToElement(new { dag_run_id = id, deleted = true }).Pretty()
                            : $"{id} is deleted."
                    );
                    return ExitCodes.Ok;
                }
            )
            .RequireAnswerForJson(yes);
    }
}
