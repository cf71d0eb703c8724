using System.Globalization;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Up;

/// <summary>One run of the system, from start to stop.</summary>
public static class Session
{
    /// <param name="services">False starts the foundation alone.</param>
    /// <param name="behind">True when another process repeats the output until all is green.</param>
    /// <param name="stop">Ends the run in good order.</param>
    /// <returns>The exit code: 0 after a stop that was asked for.</returns>
    public static async Task<int> Run(Home home, bool services, bool behind, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        var since = clock.GetTimestamp();
        using var claim = SupervisorLock.Take(home);
        if (claim is null)
        {
            Console.WriteLine("Already up. `./nightshift status` tells how it is, `./nightshift down` stops it.");
            return 0;
        }

        var output = new ConsoleOutput(home, Console.Out, clock);
        using var supervisor = new Supervisor(home, clock, output.Say);
        try
        {
            var endpoints = await new Startup(home, supervisor, output, clock).Run(services, stop);
            output.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Up after {clock.GetElapsedTime(since).TotalSeconds:0.0} s."
                )
            );
            if (services)
                Welcome(home, output);
            if (behind)
                output.LeaveConsole();
            await Toolbox.KeepAvailable(home, endpoints.Docker, output.Say, clock, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            output.Say("Stopping …");
        }
        finally
        {
            await supervisor.Stop(name => !Foundation.Parts.Contains(name));
            await EngineProcesses.EndAbandoned(home);
        }
        output.Say("Stopped. The data stays.");
        return 0;
    }

    static void Welcome(Home home, ConsoleOutput output)
    {
        if (Credentials.Load(home) is not { } credentials)
            return;
        output.Whisper("");
        output.Whisper($"  URL             {credentials.Url}");
        output.Whisper(
            !credentials.Shown
                ? $"  Operator token  {credentials.Token}   (shown this once; the commands know it from "
                    + $"{home.Credentials})"
                : $"  Operator token  in {home.Credentials}"
        );
        (credentials with { Shown = true }).Save(home);
        output.Whisper("");
        output.Whisper("Try:");
        output.Whisper("  ./nightshift dags trigger hello");
        output.Whisper("  ./nightshift runs watch");
        output.Whisper("  ./nightshift status");
    }
}
