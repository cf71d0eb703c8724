using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Nightshift.Cli.Backfills;
using Nightshift.Cli.Client;
using Nightshift.Cli.Dags;
using Nightshift.Cli.Deliveries;
using Nightshift.Cli.Events;
using Nightshift.Cli.Healing;
using Nightshift.Cli.Incidents;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Messages;
using Nightshift.Cli.Pools;
using Nightshift.Cli.Replay;
using Nightshift.Cli.Retention;
using Nightshift.Cli.Runs;
using Nightshift.Cli.Schedules;
using Nightshift.Cli.Status;
using Nightshift.Cli.Testing;
using Nightshift.Cli.Tokens;
using Nightshift.Cli.Up;
using Nightshift.Cli.Variables;
using Nightshift.Cli.Webhooks;

var root = new RootCommand(
    """
    Nightshift: runs your jobs, and looks after itself.

    Exit codes: 0 done; 1 it failed, or the answer is a negative one; 2 the command line is wrong; 3 Nightshift cannot be reached; 4 the token does not allow it; 5 done, and something was left out.
    """
)
{
    UpCommand.Create(),
    DownCommand.Create(),
    StatusCommand.Create(),
    DagCommands.Create(),
    RunCommands.Create(),
    BackfillCommands.Create(),
    PoolCommands.Create(),
    VariableCommands.Create(),
    ScheduleCommand.Create(),
    ReplayCommand.Create(),
    IncidentCommands.Create(),
    HealingCommands.Create(),
    DeliveryCommands.Create(),
    EventCommands.Create(),
    MessageCommands.Create(),
    RetentionCommands.Create(),
    TokenCommands.Create(),
    WebhookCommand.Create(),
    TestCommand.Create(),
};

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop); // the terminal was closed
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var parsed = root.Parse(args);
    if (parsed.Action is ParseErrorAction error)
        (error.ShowHelp, error.ShowTypoCorrections) = (false, false);
    var wrong = parsed.Errors.Count > 0;
    var code = await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
        stop.Token
    );
    return wrong ? ExitCodes.Usage : code;
}
catch (ProblemException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return ExitCodes.Failed;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception e) // the edge: whoever typed the command gets a sentence
{
    await Console.Error.WriteLineAsync(UnexpectedErrors.Words(e, TimeProvider.System.GetUtcNow()));
    return ExitCodes.Failed;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true; // the stop in good order ends this process
    stop.Cancel();
}
