using System.CommandLine;
using System.Globalization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary><c>nightshift down</c>: stops everything that <c>up</c> started and leaves the data.</summary>
public static class DownCommand
{
    public static Command Create()
    {
        var command = new Command("down", "Stop everything that up started; the data stays.");
        command.SetAction((_, _) => Down(Home.Find()));
        return command;
    }

    static async Task<int> Down(Home home)
    {
        var supervisor = SupervisorLock.Holder(home);
        if (supervisor is not null)
            await Supervised(supervisor);
        // Only a supervisor that was killed leaves anything here.
        var strays = await OrphanProcesses.EndInOrder(home);
        if (await EngineProcesses.EndAbandoned(home) is > 0 and var containers)
            strays = [.. strays, string.Create(CultureInfo.InvariantCulture, $"{containers} processes of the engine")];
        if (strays.Count > 0)
            Console.WriteLine($"Ended what a killed run left behind: {string.Join(", ", strays)}.");
        Console.WriteLine(supervisor is null && strays.Count == 0 ? "Nothing was up." : "Down. The data stays.");
        return 0;
    }

    static Task Supervised(ProcessMark supervisor) =>
        OrphanProcesses.End("supervisor", supervisor, TimeSpan.FromMinutes(2));
}
