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

        var voice = new Voice(home, Console.Out, clock);
        using var supervisor = new Supervisor(home, clock, voice.Say);
        try
        {
            await new Startup(home, supervisor, voice, clock).Run(services, stop);
            voice.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Up after {clock.GetElapsedTime(since).TotalSeconds:0.0} s."
                )
            );
            if (services)
                Welcome(home, voice);
            if (behind)
                voice.LeaveConsole();
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

    static void Welcome(Home home, Voice voice)
    {
        if (Credentials.Load(home) is not { } credentials)
            return;
        voice.Whisper("");
        voice.Whisper($"  URL             {credentials.Url}");
        voice.Whisper(
            !credentials.Shown
                ? $"  Operator token  {credentials.Token}   (shown this once; the commands know it from {home.Credentials})"
                : $"  Operator token  in {home.Credentials}"
        );
        (credentials with { Shown = true }).Save(home);
        voice.Whisper("");
        voice.Whisper("Try:");
        voice.Whisper("  ./nightshift dags trigger hello");
        voice.Whisper("  ./nightshift runs watch");
        voice.Whisper("  ./nightshift status");
    }
}
