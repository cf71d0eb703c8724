using System.CommandLine;
using Nightshift.Cli.Client;

namespace Nightshift.Cli.Status;

/// <summary><c>nightshift status</c></summary>
public static class StatusCommand
{
    public static Command Create()
    {
        var check = new Option<bool>("--check") { Description = "Exit with 1 unless all is well." };
        return ClientCommand.Create(
            "status",
            "Show how everything is and what was done lately.",
            [check],
            async (x, cancellationToken) =>
            {
                var status = await x.Api.Get("status", cancellationToken);
                await x.Out.WriteAsync(
                    x.Json ? status.Pretty() + "\n" : await x.Api.GetText("status", cancellationToken)
                );
                return x.Parsed.GetValue(check) && !status.At("ok").GetBoolean() ? ExitCodes.Failed : ExitCodes.Ok;
            }
        );
    }
}
