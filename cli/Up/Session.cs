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
            using var started = new CancellationTokenSource();
            var patience = Patience(home, supervisor, voice, clock, started.Token);
            var isNewToken = false;
            try
            {
                isNewToken = await Start(home, supervisor, voice, services, clock, stop);
            }
            finally
            {
                await started.CancelAsync();
                await patience;
            }
            voice.Say(string.Create(CultureInfo.InvariantCulture, $"Up after {clock.GetElapsedTime(since).TotalSeconds:0.0} s."));
            if (services) Welcome(home, voice, isNewToken);
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

    static async Task<bool> Start(Home home, Supervisor supervisor, Voice voice, bool services, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await Strays.End(home, name => name != Claim.Name && !Foundation.Parts.Contains(name)) is { Count: > 0 } strays)
            voice.Say($"Ended what an earlier run left behind: {string.Join(", ", strays)}.");
        var ports = Ports.Settle(home);
        foreach (var moved in ports.Moved) voice.Say(moved);
        var (_, isNewToken) = Access.Ensure(home, Services.Url(ports.Chosen), clock.GetUtcNow());
        var secrets = new Secrets(home.Secrets);
        foreach (var secret in Secrets.All) secrets.Get(secret);

        var endpoints = await Foundation.Start(new Ground(home, ports.Chosen, secrets, supervisor, voice.Say), cancellationToken);
        await Together.Run(
        [
            c => Toolbox.Require(home, endpoints.Docker, voice.Say, c),
            c => services ? StartServices(home, ports.Chosen, endpoints, supervisor, c) : Task.CompletedTask,
        ], cancellationToken);
        return isNewToken;
    }

    static async Task StartServices(Home home, IReadOnlyDictionary<string, int> ports, Endpoints endpoints, Supervisor supervisor, CancellationToken cancellationToken)
    {
        var build = Services.Build(home);
        var migrate = !Schema.IsCurrent(home, endpoints.Postgres, build);
        await Together.Run(Services.Describe(home, ports, endpoints, migrate).Select<Part, Func<CancellationToken, Task>>(part => c => supervisor.Start(part, c)), cancellationToken);
        if (migrate) Schema.Remember(home, endpoints.Postgres, build);
    }

    /// <summary>A start has no time limit that a slow machine would break; it tells instead what it waits for.</summary>
    static async Task Patience(Home home, Supervisor supervisor, Voice voice, TimeProvider clock, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(15), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
                if (supervisor.Awaited is { Count: > 0 } awaited)
                    voice.Say($"Still waiting for {string.Join(", ", awaited)}; the logs are in {home.Logs}.");
        }
        catch (OperationCanceledException) { }
    }

    static void Welcome(Home home, Voice voice, bool isNewToken)
    {
        if (Credentials.Load(home) is not { } credentials) return;
        voice.Whisper("");
        voice.Whisper($"  URL             {credentials.Url}");
        voice.Whisper(isNewToken
            ? $"  Operator token  {credentials.Token}   (shown this once; the commands know it from {home.Credentials})"
            : $"  Operator token  in {home.Credentials}");
        voice.Whisper("");
        voice.Whisper("Try:");
        voice.Whisper("  ./nightshift dags trigger hello");
        voice.Whisper("  ./nightshift runs watch");
        voice.Whisper("  ./nightshift status");
    }
}
