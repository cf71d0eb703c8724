using System.Globalization;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;
using Nightshift.Cli.Up;

namespace Nightshift.Cli.Testing;

/// <summary>One run of the tests on a foundation of its own, so that a running system is not disturbed.</summary>
public static class TestRun
{
    /// <returns>0 when the format is right, every program ran to its end, and there were tests and none
    /// failed.</returns>
    public static async Task<int> Run(
        Home home,
        string? filter,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        using var claim =
            SupervisorLock.Take(home) ?? throw new ProblemException("Another test run is going on in this checkout.");
        await OrphanProcesses.EndInOrder(home);
        Clean(home);
        using var supervisor = new Supervisor(home, clock, Console.WriteLine);
        bool wellFormed;
        TestReport report;
        try
        {
            var format = IsWellFormed(home.Checkout, cancellationToken);
            var endpoints = await Prepare(home, supervisor, cancellationToken);
            wellFormed = await format;
            report = await RunAll(home, filter, Environment(endpoints), clock, cancellationToken);
        }
        finally
        {
            await supervisor.Stop(Foundation.StopStep);
            await EngineProcesses.EndAbandoned(home);
        }
        Console.WriteLine(report);
        return wellFormed && report.Failed == 0 && report != TestReport.Nothing ? 0 : 1;
    }

    static async Task<TestReport> RunAll(
        Home home,
        string? filter,
        Dictionary<string, string?> environment,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var sum = TestReport.Nothing;
        var results = Directory.CreateDirectory(Path.Combine(home.Root, "results")).FullName;
        foreach (var project in TestProject.Find(home.Checkout))
        {
            var since = clock.GetTimestamp();
            var outcome = await project.Run(filter, results, environment, cancellationToken);
            foreach (var failure in outcome.Failures)
                Console.WriteLine($"\nFAILED {failure}\n");
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{project.Name}: {outcome.Counted} ({clock.GetElapsedTime(since).TotalSeconds:0.0} s)"
                )
            );
            foreach (var skip in outcome.Skips)
                Console.WriteLine($"  {skip}");
            sum += outcome.Counted;
        }
        if (sum == TestReport.Nothing)
            Console.WriteLine($"No test's name holds '{filter}'.");
        return sum;
    }

    static async Task<Endpoints> Prepare(Home home, Supervisor supervisor, CancellationToken cancellationToken)
    {
        if (Machine.Find("chromium") is null && NeedsBrowser(home.Checkout))
            await Packages.Install(["chromium"], Console.WriteLine, cancellationToken);
        var context = new InfrastructureContext(
            home,
            Ports.Settle(home).Chosen,
            new Secrets(home.Secrets),
            supervisor,
            Console.WriteLine
        );
        var endpoints = await Foundation.Start(context, cancellationToken);
        await Toolbox.Require(home, endpoints.Docker, Console.WriteLine, cancellationToken);
        return endpoints;
    }

    /// <summary>
    /// What a failed run left for looking at is looked at by now: every run begins with an empty database and broker.
    /// </summary>
    static void Clean(Home home)
    {
        foreach (var part in (string[])["postgres", "rabbitmq"])
            if (Directory.Exists(Path.Combine(home.Root, part)))
                Directory.Delete(Path.Combine(home.Root, part), recursive: true);
    }

    static bool NeedsBrowser(string checkout) =>
        Directory
            .EnumerateFiles(Path.Combine(checkout, "tests"), "*.csproj", SearchOption.AllDirectories)
            .Any(project => File.ReadAllText(project).Contains("Microsoft.Playwright", StringComparison.Ordinal));

    static Dictionary<string, string?> Environment(Endpoints endpoints) =>
        new()
        {
            ["NIGHTSHIFT_TEST_POSTGRES"] = endpoints.PostgresWithPassword,
            ["NIGHTSHIFT_TEST_RABBITMQ"] = endpoints.RabbitMqWithPassword,
            ["NIGHTSHIFT_TEST_DOCKER"] = endpoints.Docker,
        };

    /// <summary>
    /// Where the code is. The formatter would also walk through the data of an engine below the checkout.
    /// </summary>
    static readonly string[] Folders = ["bench", "cli", "contracts", "gateway", "services", "tests"];

    // Style beyond the format is the build's to check.
    static async Task<bool> IsWellFormed(string checkout, CancellationToken cancellationToken)
    {
        await Shell.Require(
            "Restoring the formatter",
            ["dotnet", "tool", "restore"],
            directory: checkout,
            cancellationToken: cancellationToken
        );
        var ran = await Shell.Run(
            ["dotnet", "csharpier", "check", "--no-msbuild-check", .. Folders],
            directory: checkout,
            cancellationToken: cancellationToken
        );
        Console.WriteLine(
            ran.ExitCode == 0
                ? "Format: as it should be"
                : $"{ran.Output.TrimEnd()}\nFormat: wrong; `dotnet csharpier format "
                    + $"{string.Join(' ', Folders)}` puts it right"
        );
        return ran.ExitCode == 0;
    }
}
