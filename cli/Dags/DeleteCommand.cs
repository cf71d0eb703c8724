using System.CommandLine;
using System.Text.Json;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Dags;

/// <summary><c>nightshift dags delete</c></summary>
public static class DeleteCommand
{
    public static Command Create()
    {
        var (dag, yes) = (DagCommands.DagArgument(), Confirmation.YesOption());
        return ClientCommand
            .Create(
                "delete",
                "Delete a DAG whose file is gone, with its runs.",
                [dag, yes],
                async (x, cancellationToken) =>
                {
                    var name = x.Value(dag);
                    if (!x.Parsed.GetValue(yes))
                        await Confirmation.Ask(
                            x,
                            $"Delete DAG {Terminal.Value(name)} and all its runs",
                            cancellationToken
                        );
                    await x.Api.Delete($"api/v2/dags/{Uri.EscapeDataString(name)}", cancellationToken);
                    await x.Out.WriteLineAsync(
                        x.Json ? JsonSerializer.Serialize(new { dag_id = name, deleted = true }) : $"{name} is deleted."
                    );
                    return ExitCodes.Ok;
                }
            )
            .RequireAnswerForJson(yes);
    }
}
