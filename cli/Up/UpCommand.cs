using System.CommandLine;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary><c>nightshift up</c>: the whole system, set up, started and watched over.</summary>
public static class UpCommand
{
    public static Command Create()
    {
        var detach = new Option<bool>("--detach", "-d")
        {
            Description = "Return when everything is green and go on in the background.",
        };
        var noServices = new Option<bool>("--no-services")
        {
            Description = "Only database, broker and engine: what tests and debuggers need.",
        };
        var behind = new Option<bool>("--in-background") { Hidden = true }; // how -d starts the process that stays
        var command = new Command("up", "Set up and start the whole system, and watch over it.")
        {
            detach,
            noServices,
            behind,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                SettingsFile.Apply(Path.Combine(Home.Find().Checkout, "settings.env"));
                var home = Home.Find().Prepare();
                return parsed.GetValue(detach)
                    ? Background.Start(parsed.GetValue(noServices), cancellationToken)
                    : Session.Run(
                        home,
                        services: !parsed.GetValue(noServices),
                        behind: parsed.GetValue(behind),
                        cancellationToken
                    );
            }
        );
        return command;
    }
}
