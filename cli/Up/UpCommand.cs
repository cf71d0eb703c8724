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
        var adopt = new Option<bool>("--adopt")
        {
            Description =
                "Go on with a database that was restored, moved or upgraded, or that is a copy and to be this system's "
                + "own; the one it was copied from must not be used on the same broker or engine any more.",
        };
        var behind = new Option<bool>("--in-background") { Hidden = true }; // how -d starts the process that stays
        var command = new Command("up", "Set up and start the whole system, and watch over it.")
        {
            detach,
            noServices,
            adopt,
            behind,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                SettingsFile.Apply(Path.Combine(Home.Find().Checkout, "settings.env"));
                var home = Home.Find().Prepare();
                return parsed.GetValue(detach)
                    ? Background.Start(parsed.GetValue(noServices), parsed.GetValue(adopt), cancellationToken)
                    : Session.Run(
                        home,
                        services: !parsed.GetValue(noServices),
                        adopt: parsed.GetValue(adopt),
                        behind: parsed.GetValue(behind),
                        cancellationToken
                    );
            }
        );
        return command;
    }
}
