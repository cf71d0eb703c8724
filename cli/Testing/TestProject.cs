using System.Diagnostics;
using Nightshift.Cli.Infrastructure;
using Nightshift.Cli.Supervision;

namespace Nightshift.Cli.Testing;

/// <summary>One test program.</summary>
/// <param name="Name">Its folder below <c>tests/</c>.</param>
/// <param name="Program">The built assembly, which runs itself.</param>
public sealed record TestProject(string Name, string Program)
{
    /// <summary>
    /// All projects named <c>*.Tests</c>; what they share is not run by itself. The one that drives the whole system
    /// comes last.
    /// </summary>
    public static IReadOnlyList<TestProject> Find(string checkout) =>
        [
            .. from file in Directory.EnumerateFiles(
                Path.Combine(checkout, "tests"),
                "*.Tests.csproj",
                SearchOption.AllDirectories
            )
            let folder = Path.GetDirectoryName(file)!
            let name = Path.GetFileName(folder)
            orderby name.StartsWith("EndToEnd", StringComparison.Ordinal), name
            select new TestProject(
                name,
                Path.Combine(folder, "bin", "Release", "net10.0", Path.GetFileNameWithoutExtension(file) + ".dll")
            ),
        ];

    /// <summary>
    /// Runs it to its end. What it prints goes to <c>NAME.log</c> among the results: services under test log a lot.
    /// </summary>
    /// <param name="filter">Part of a test's name; null for all tests.</param>
    /// <param name="results">Where report and log go.</param>
    public async Task<TestOutcome> Run(
        string? filter,
        string results,
        IReadOnlyDictionary<string, string?> environment,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(Program))
            throw new ProblemException($"{Name} was not built: add it to Microservices.sln.");
        var (report, log) = (Path.Combine(results, $"{Name}.json"), Path.Combine(results, $"{Name}.log"));
        File.Delete(report);
        string[] filtering = filter is null ? [] : ["-displayName", $"*{filter}*"];
        var info = new ProcessStartInfo(
            "sh",
            [
                "-c",
                "exec \"$@\" </dev/null >\"$0\" 2>&1",
                log,
                "dotnet",
                Program,
                "-noLogo",
                "-noColor",
                "-result-ctrf",
                report,
                .. filtering,
            ]
        )
        {
            WorkingDirectory = Path.GetDirectoryName(Program),
        };
        foreach (var (name, value) in environment)
            info.Environment[name] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException("sh did not start");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var json = File.Exists(report) ? await File.ReadAllTextAsync(report, cancellationToken) : "";
        var (counted, wrong) = TestReport.Judge(TestReport.Read(json), process.ExitCode, filter is not null);
        return new TestOutcome(
            counted,
            TestReport.Skips(json),
            wrong is null
                ? TestReport.Failures(json)
                : [.. TestReport.Failures(json), $"{Name}: {wrong}. The end of {log}:\n{LogFile.Tail(log)}"]
        );
    }
}

/// <param name="Skips">Why tests were skipped, as text.</param>
/// <param name="Failures">What went wrong, as text.</param>
public sealed record TestOutcome(TestReport Counted, IReadOnlyList<string> Skips, IReadOnlyList<string> Failures);
