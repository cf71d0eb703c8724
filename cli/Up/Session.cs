using System.Globalization;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Up;

/// <summary>One run of the system, from start to stop.</summary>
public static class Session
{
    /// <summary>How often a start that lost a port to another process is begun.</summary>
    const int StartAttempts = 10;

    /// <param name="services">False starts the foundation alone.</param>
    /// <param name="adopt">Makes a database that is a copy this installation's own.</param>
    /// <param name="behind">True when another process repeats the output until all is green.</param>
    /// <param name="stop">Ends the run in good order.</param>
    /// <returns>The exit code: 0 after a stop that was asked for.</returns>
    public static async Task<int> Run(Home home, bool services, bool adopt, bool behind, CancellationToken stop)
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
            var endpoints = await Start(home, supervisor, output, clock, services, adopt, stop);
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
            await supervisor.Stop(Foundation.StopStep);
            await EngineProcesses.EndAbandoned(home);
        }
        output.Say("Stopped. The data stays.");
        return 0;
    }

    // Ports are chosen before they are listened on: another system may come in between.
    static async Task<Endpoints> Start(
        Home home,
        Supervisor supervisor,
        ConsoleOutput output,
        TimeProvider clock,
        bool services,
        bool adopt,
        CancellationToken stop
    )
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await new Startup(home, supervisor, output, clock) { Adopts = adopt }.Run(services, stop);
            }
            catch (PortTakenException e) when (attempt < StartAttempts)
            {
                output.Say(e.Message);
                output.Say("Starting again on other ports.");
                await supervisor.Stop(Foundation.StopStep);
            }
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
