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
        using var claim = Claim.Take(home);
        if (claim is null)
        {
            Console.WriteLine("Already up. `./nightshift status` tells how it is, `./nightshift down` stops it.");
            return 0;
        }

        var voice = new Voice(home, clock);
        using var supervisor = new Supervisor(home, clock, voice.Say);
        try
        {
            await Start(home, supervisor, voice, services, stop);
            voice.Say(string.Create(CultureInfo.InvariantCulture, $"Up after {clock.GetElapsedTime(since).TotalSeconds:0.0} s."));
            if (behind) voice.LeaveConsole();
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            voice.Say("Stopping …");
        }
        finally
        {
            await supervisor.Stop(name => !Foundation.Parts.Contains(name));
        }
        voice.Say("Stopped. The data stays.");
        return 0;
    }

    static async Task Start(Home home, Supervisor supervisor, Voice voice, bool services, CancellationToken cancellationToken)
    {
        if (await Strays.End(home, name => name != "supervisor" && !Foundation.Parts.Contains(name)) is { Count: > 0 } strays)
            voice.Say($"Ended what an earlier run left behind: {string.Join(", ", strays)}.");
        var ports = Ports.Settle(home);
        foreach (var moved in ports.Moved) voice.Say(moved);
        var ground = new Ground(home, ports.Chosen, new Secrets(home.Secrets), supervisor, voice.Say);
        await Foundation.Start(ground, cancellationToken);
        if (!services) return;
    }
}
