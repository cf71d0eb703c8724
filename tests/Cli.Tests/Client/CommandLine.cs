using System.CommandLine;
using Nightshift.Cli.Backfills;
using Nightshift.Cli.Dags;
using Nightshift.Cli.Deliveries;
using Nightshift.Cli.Events;
using Nightshift.Cli.Healing;
using Nightshift.Cli.Incidents;
using Nightshift.Cli.Messages;
using Nightshift.Cli.Pools;
using Nightshift.Cli.Replay;
using Nightshift.Cli.Runs;
using Nightshift.Cli.Status;
using Nightshift.Cli.Tokens;
using Nightshift.Cli.Variables;
using Nightshift.Cli.Webhooks;

namespace Nightshift.Cli.Tests.Client;

/// <summary>Runs a command line in this process.</summary>
sealed record CommandLine(int ExitCode, string Out, string Error)
{
    public static ParseResult Parse(params string[] args) =>
        new RootCommand
        {
            StatusCommand.Create(),
            DagCommands.Create(),
            RunCommands.Create(),
            BackfillCommands.Create(),
            PoolCommands.Create(),
            VariableCommands.Create(),
            ReplayCommand.Create(),
            IncidentCommands.Create(),
            HealingCommands.Create(),
            DeliveryCommands.Create(),
            EventCommands.Create(),
            MessageCommands.Create(),
            TokenCommands.Create(),
            WebhookCommand.Create(),
        }.Parse(args);

    public static async Task<CommandLine> Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var parsed = Parse(args);
        Assert.Empty(parsed.Errors);
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
        };
        return new(
            await parsed.InvokeAsync(configuration, TestContext.Current.CancellationToken),
            output.ToString(),
            error.ToString()
        );
    }
}
