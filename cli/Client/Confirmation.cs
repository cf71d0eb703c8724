using System.CommandLine;

namespace Nightshift.Cli.Client;

/// <summary>Asks before something is done that cannot be taken back.</summary>
public static class Confirmation
{
    /// <summary>Does not ask.</summary>
    public static Option<bool> YesOption() => new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>Shows what would be done, and does nothing.</summary>
    public static Option<bool> DryRunOption() =>
        new("--dry-run") { Description = "Show what would be done, and do nothing." };

    /// <summary>A command that prints JSON cannot ask: it needs <c>--yes</c>, or <c>--dry-run</c> where there is
    /// one.</summary>
    public static Command RequireAnswerForJson(this Command command, Option<bool> yes, Option<bool>? dryRun = null)
    {
        command.Validators.Add(x =>
        {
            if (x.GetValue(ClientCommand.JsonOption) && !x.GetValue(yes) && !(dryRun is not null && x.GetValue(dryRun)))
                x.AddError(dryRun is null ? "--json needs --yes" : "--json needs --yes or --dry-run");
        });
        return command;
    }

    /// <summary>Asks for a yes.</summary>
    /// <param name="context">Where.</param>
    /// <param name="question">A question without its question mark.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AnswerException">The answer is another one, or nobody is there to give it.</exception>
    public static async Task Ask(ClientContext context, string question, CancellationToken cancellationToken)
    {
        await context.Out.WriteAsync($"{question}? [y/N] ");
        await context.Out.FlushAsync(cancellationToken);
        switch ((await Console.In.ReadLineAsync(cancellationToken))?.Trim().ToLowerInvariant())
        {
            case "y" or "yes":
                return;
            case null:
                throw new AnswerException(ExitCodes.Usage, "\nNobody is there to answer; --yes does not ask.");
            default:
                throw new AnswerException(ExitCodes.Failed, "Nothing was done.");
        }
    }
}
