using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Up;
using Nightshift.EndToEnd.Tests;

[assembly: AssemblyFixture(typeof(RunningSystem))]

namespace Nightshift.EndToEnd.Tests;

/// <summary>What a command wrote, and how it ended.</summary>
public sealed record Ran(int ExitCode, string Output);

/// <summary>
/// The whole system in a home of its own, started and used as a person does: by the program and the gateway. Only the
/// engine is shared with the other tests, because the image is in it.
/// </summary>
public sealed class RunningSystem : IAsyncLifetime
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Far beyond what a slow machine needs: only a broken system comes to it.</summary>
    static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    static readonly string? SharedEngine = Environment.GetEnvironmentVariable("NIGHTSHIFT_TEST_DOCKER");
    readonly string checkout = Home.Find().Checkout;
    readonly string root = Home.Find("e2e").Root;
    readonly HttpClient gateway = new();
    TestEngine? engine;

    public TestEngine Engine => engine ?? throw new InvalidOperationException("The system is not up");
    public string Dags => Path.Combine(root, "dags");
    public string HookOutput => Path.Combine(root, "hook.txt");

    string HookScript => Path.Combine(root, "hook.sh");
    Dictionary<string, string?> Settings =>
        new()
        {
            ["DOCKER_HOST"] = SharedEngine,
            ["NIGHTSHIFT_URL"] = null,
            ["NIGHTSHIFT_TOKEN"] = null,
            ["NIGHTSHIFT_POSTGRES"] = null,
            ["NIGHTSHIFT_RABBITMQ"] = null,
            ["Nightshift__DagsDirectory"] = Dags,
            ["Healing__StableFor"] = "00:00:02",
            ["Healing__BackOff"] = "00:00:01",
            ["Escalation__Command__0"] = HookScript,
            ["Escalation__Command__1"] = "two words",
            ["Escalation__Command__2"] = "$(not a shell)",
            ["Escalation__Tiers__0__Channels__0"] = "log",
            ["Escalation__Tiers__0__Channels__1"] = "status",
            ["Escalation__Tiers__1__After"] = "00:00:10",
            ["Escalation__Tiers__1__Channels__0"] = "status",
            ["Escalation__Tiers__2__After"] = "00:00:05",
            ["Escalation__Tiers__2__Channels__0"] = "command",
        };

    public async ValueTask InitializeAsync()
    {
        if (SharedEngine is null)
            return; // every test says that it is skipped
        // for this process and what it starts
        Environment.SetEnvironmentVariable("NIGHTSHIFT_HOME", Path.Combine(root, "home"));
        await Run(["down"], CancellationToken.None); // what a test run that was killed left behind
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
        Directory.CreateDirectory(Dags);
        foreach (var dag in Directory.GetFiles(Path.Combine(checkout, "dags")))
            File.Copy(dag, Path.Combine(Dags, Path.GetFileName(dag)));
        await File.WriteAllTextAsync(
            HookScript,
            $$"""
            #!/bin/sh
            { printf '<%s>' "$@"; cat; echo; } >> '{{HookOutput}}'

            """
        );
        File.SetUnixFileMode(HookScript, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var since = TimeProvider.System.GetTimestamp();
        var up = await Run(["up", "-d"], CancellationToken.None);
        if (up.ExitCode != 0)
            throw new InvalidOperationException($"The system does not start:\n{up.Output}");
        Say($"up with its own database and broker took {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s");
        var credentials =
            Credentials.Load(Home.Find()) ?? throw new InvalidOperationException("up left no credentials");
        gateway.BaseAddress = new Uri(credentials.Url);
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credentials.Token);
        engine = new TestEngine(SharedEngine);
    }

    public static void RequireEngine()
    {
        if (SharedEngine is null)
            Assert.Skip("NIGHTSHIFT_TEST_DOCKER is not set; ./nightshift test sets it");
    }

    /// <summary>Runs one <c>nightshift</c> command to its end.</summary>
    public async Task<Ran> Run(string[] arguments, CancellationToken cancellationToken)
    {
        // Through sh, so that the lines of both streams come in their order.
        var info = new ProcessStartInfo(
            "sh",
            [
                "-c",
                "exec \"$@\" 2>&1",
                "sh",
                "dotnet",
                Path.Combine(checkout, "cli/bin/Release/net10.0/nightshift.dll"),
                .. arguments,
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in Settings)
            if (value is null)
                info.Environment.Remove(name);
            else
                info.Environment[name] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException("sh did not start");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new Ran(process.ExitCode, output);
    }

    /// <summary>Runs a command that has to succeed.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> Do(CancellationToken cancellationToken, params string[] arguments)
    {
        var ran = await Run(arguments, cancellationToken);
        Assert.True(
            ran.ExitCode == 0,
            $"nightshift {string.Join(' ', arguments)} ended with {ran.ExitCode}:\n{ran.Output}"
        );
        return ran.Output;
    }

    /// <summary>Starts a run and gives back its id.</summary>
    public async Task<string> Trigger(string dag, CancellationToken cancellationToken)
    {
        var output = await Do(cancellationToken, "dags", "trigger", dag, "--json");
        // a warning may stand before it
        using var answer = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return answer.RootElement.GetProperty("dag_run_id").GetString()!;
    }

    /// <returns>What the gateway answers; an undefined element when it has no such thing, or does not answer at
    /// all.</returns>
    public async Task<JsonElement> Ask(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } },
        };
        using var answer = await gateway.SendAsync(request, cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))
            : default;
    }

    /// <summary>Asks until the answer is as wanted.</summary>
    public async Task<JsonElement> Await(
        string path,
        Func<JsonElement, bool> wanted,
        CancellationToken cancellationToken
    )
    {
        using var timer = new PeriodicTimer(LookEvery, TimeProvider.System);
        for (
            var (since, answer) = (TimeProvider.System.GetTimestamp(), default(JsonElement));
            ;
            await timer.WaitForNextTickAsync(cancellationToken)
        )
        {
            answer = await Ask(path, cancellationToken);
            if (answer.ValueKind is not JsonValueKind.Undefined && wanted(answer))
                return answer;
            if (TimeProvider.System.GetElapsedTime(since) > Deadline)
                Assert.Fail(
                    $"{path} did not come to what is wanted within {Deadline.TotalMinutes:0} minutes; its last answer: {answer}"
                );
        }
    }

    /// <summary>The run's state once it is the given one.</summary>
    public Task AwaitRun(string dag, string run, string state, CancellationToken cancellationToken) =>
        Await($"api/v2/dags/{dag}/dagRuns/{run}", x => x.GetProperty("state").GetString() == state, cancellationToken);

    /// <summary>The process that runs a part, or null between two.</summary>
    public static ProcessMark? ProcessOf(string part) => ProcessMark.Running(Home.Find().Mark(part));

    /// <summary>A line in the report of the test run.</summary>
    public static void Say(FormattableString line) =>
        Console.WriteLine($"EndToEnd: {FormattableString.Invariant(line)}");

    public async ValueTask DisposeAsync()
    {
        gateway.Dispose();
        if (SharedEngine is not null)
            await Run(["down"], CancellationToken.None); // the logs stay until the next run
        engine?.Dispose();
    }
}
