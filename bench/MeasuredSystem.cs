using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Nightshift.Bench;

/// <summary>The whole system, started and stopped as a user would.</summary>
sealed partial class MeasuredSystem(string checkout, string home, string dags)
{
    static readonly string[] Services = ["Scheduler", "Executor", "Webhooks", "Healer", "Escalation", "Gateway"];

    /// <summary>Starts it and returns the seconds it says it took to all green.</summary>
    public async Task<double> Up()
    {
        var output = await Run(Path.Combine(checkout, "nightshift"), "up", "-d");
        return Seconds().Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"'nightshift up -d' did not say how long it took: {output}");
    }

    public Task Down() => Run(Path.Combine(checkout, "nightshift"), "down");

    /// <summary>Seconds twenty <c>docker run</c> take, one after the other.</summary>
    public async Task<double> DockerRuns(int count)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
            await Run("docker", "run", "--rm", "--network", "none", "localhost/nightshift/toolbox", "true");
        return clock.Elapsed.TotalSeconds;
    }

    public async Task<(string Url, string Token)> Credentials()
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(home, "credentials.json")));
        return (json.RootElement.GetProperty("url").GetString()!, json.RootElement.GetProperty("token").GetString()!);
    }

    /// <summary>What the six services hold together; shared pages are counted once, in parts.</summary>
    public int MemoryMiB() => Processes().Sum(Pss) / 1024;

    IEnumerable<string> Processes() =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(x => int.TryParse(Path.GetFileName(x), out _))
            .Where(x =>
            {
                var command = Text(Path.Combine(x, "cmdline"));
                return Services.Any(y => command.Contains($"Nightshift.{y}.dll", StringComparison.Ordinal))
                    && Text(Path.Combine(x, "environ")).Contains($"{home}/secrets", StringComparison.Ordinal);
            });

    static int Pss(string process) =>
        Kilobytes().Match(Text(Path.Combine(process, "smaps_rollup"))) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;

    static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        } // the process has gone
        catch (UnauthorizedAccessException)
        {
            return "";
        } // somebody else's
    }

    async Task<string> Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        (start.Environment["NIGHTSHIFT_HOME"], start.Environment["Nightshift__DagsDirectory"]) = (home, dags);
        if (program == "docker")
            start.Environment["DOCKER_HOST"] = Engine();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}"
            );
    }

    // The engine the executor uses, as it was told.
    string Engine() =>
        EngineAddress()
            .Match(
                Processes()
                    .Select(x => Text(Path.Combine(x, "environ")))
                    .First(x => x.Contains("Nightshift__Docker=", StringComparison.Ordinal))
            )
            .Groups[1]
            .Value;

    [GeneratedRegex(@"Up after ([\d.]+) s")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"^Pss:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex Kilobytes();

    [GeneratedRegex(@"Nightshift__Docker=([^\0]+)")]
    private static partial Regex EngineAddress();
}
