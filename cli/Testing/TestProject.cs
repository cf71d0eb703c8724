using System.Diagnostics;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Testing;

/// <summary>One test program.</summary>
/// <param name="Name">Its folder below <c>tests/</c>.</param>
/// <param name="Program">The built assembly, which runs itself.</param>
public sealed record TestProject(string Name, string Program)
{
    /// <summary>All projects named <c>*.Tests</c>; what they share is not run by itself. The one that drives the whole system comes last.</summary>
    public static IReadOnlyList<TestProject> Find(string checkout) =>
    [
        .. from file in Directory.EnumerateFiles(Path.Combine(checkout, "tests"), "*.Tests.csproj", SearchOption.AllDirectories)
           let folder = Path.GetDirectoryName(file)!
           let name = Path.GetFileName(folder)
           orderby name.StartsWith("EndToEnd", StringComparison.Ordinal), name
           select new TestProject(name, Path.Combine(folder, "bin", "Release", "net10.0", Path.GetFileNameWithoutExtension(file) + ".dll")),
    ];

    /// <summary>Runs it to its end; failures go to the console as they happen.</summary>
    /// <param name="filter">Part of a test's name; null for all tests.</param>
    /// <param name="results">Where the report goes.</param>
    public async Task<(TestReport Counted, string? Wrong)> Run(string? filter, string results, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program)) throw new ProblemException($"{Name} was not built: add it to Microservices.sln.");
        var report = Path.Combine(results, $"{Name}.json");
        File.Delete(report);
        string[] filtering = filter is null ? [] : ["-displayName", $"*{filter}*"];
        var info = new ProcessStartInfo("dotnet", [Program, "-noLogo", "-noColor", "-reporter", "quiet", "-result-ctrf", report, .. filtering])
        {
            WorkingDirectory = Path.GetDirectoryName(Program),
        };
        foreach (var (name, value) in environment) info.Environment[name] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException("dotnet did not start");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return TestReport.Judge(File.Exists(report) ? TestReport.Read(await File.ReadAllTextAsync(report, cancellationToken)) : null, process.ExitCode, filter is not null);
    }
}
