using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench;

/// <summary>The whole system, started and stopped as a user would.</summary>
/// <param name="checkout">The folder of <c>./nightshift</c>.</param>
/// <param name="home">Its state home.</param>
/// <param name="dags">The folder of its DAG files.</param>
/// <param name="settings">Further settings for the system.</param>
sealed partial class SystemUnderTest(
    string checkout,
    string home,
    string dags,
    IReadOnlyDictionary<string, string>? settings = null
)
{
    /// <summary>
    /// A system of a benchmark's own. What the user's settings name is theirs: nothing of it may be filled or killed.
    /// </summary>
    /// <param name="checkout">The folder of <c>./nightshift</c>.</param>
    /// <param name="home">Its state home.</param>
    /// <param name="further">Settings on top of the defaults.</param>
    public static SystemUnderTest OfItsOwn(
        string checkout,
        Home home,
        params IReadOnlyList<KeyValuePair<string, string>> further
    ) =>
        new(
            checkout,
            home.Root,
            DagsOf(home),
            new Dictionary<string, string>([.. Unset.Select(x => new KeyValuePair<string, string>(x, "")), .. further])
        );

    // What would make it another system than the one that is measured.
    static readonly string[] Unset =
    [
        "NIGHTSHIFT_POSTGRES",
        "NIGHTSHIFT_RABBITMQ",
        "DOCKER_HOST",
        "NIGHTSHIFT_URL",
        "NIGHTSHIFT_TOKEN",
    ];

    /// <summary>Deletes what such a system keeps, and makes the folder of its DAG files.</summary>
    /// <returns>That folder.</returns>
    public static string Empty(Home home)
    {
        foreach (var part in (string[])["postgres", "rabbitmq"])
            if (Directory.Exists(Path.Combine(home.Root, part)))
                Directory.Delete(Path.Combine(home.Root, part), recursive: true);
        return Directory.CreateDirectory(DagsOf(home)).FullName;
    }

    /// <summary>The folder of the DAG files of a system of a benchmark's own.</summary>
    public static string DagsOf(Home home) => Path.Combine(home.Root, "dags");

    static bool built; // whatever system of the checkout was started first

    /// <summary>Starts it and returns the seconds it says it took to all green.</summary>
    public async Task<double> Up()
    {
        var output = await Nightshift("up", "-d");
        return Seconds().Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"'nightshift up -d' did not say how long it took: {output}");
    }

    public Task Down() => Nightshift("down");

    // Once by its launcher, which builds what is out of date, then without: a file saved meanwhile makes no new build.
    async Task<string> Nightshift(params string[] arguments)
    {
        var output = built
            ? await Run("dotnet", [Path.Combine(checkout, "cli/bin/Release/net10.0/nightshift.dll"), .. arguments])
            : await Run(Path.Combine(checkout, "nightshift"), arguments);
        built = true;
        return output;
    }

    /// <summary>Seconds twenty <c>docker run</c> take, one after the other.</summary>
    public async Task<double> DockerRuns(int count)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
            await Run("docker", "run", "--rm", "--network", "none", Toolbox.Image, "true");
        return clock.Elapsed.TotalSeconds;
    }

    public async Task<(string Url, string Token)> Credentials()
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(home, "credentials.json")));
        return (json.RootElement.GetProperty("url").GetString()!, json.RootElement.GetProperty("token").GetString()!);
    }

    /// <summary>What the six services hold together; shared pages are counted once, in parts.</summary>
    public int MemoryMiB() => ServiceProcesses.Of(home).Sum(Pss) / 1024;

    static int Pss(string process) =>
        Kilobytes().Match(ServiceProcesses.Text(process, "smaps_rollup")) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;

    async Task<string> Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        (start.Environment["NIGHTSHIFT_HOME"], start.Environment["Nightshift__DagsDirectory"]) = (home, dags);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        if (program == "docker")
            start.Environment["DOCKER_HOST"] = ServiceProcesses.AddressesOf(home).Docker;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}"
            );
    }

    [GeneratedRegex(@"Up after ([\d.]+) s")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"^Pss:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex Kilobytes();
}
