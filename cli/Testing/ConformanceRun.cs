using System.Diagnostics;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Testing;

/// <summary>Runs vector files by the program of <c>tests/Conformance</c>, which knows the scheduler.</summary>
public static class ConformanceRun
{
    /// <param name="checkout">Where that program was built.</param>
    /// <param name="vectors">The folder with vector files.</param>
    /// <returns>0 when none failed, 1 when one did or there are none.</returns>
    public static async Task<int> Run(string checkout, string vectors, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(vectors))
            throw new ProblemException($"There is no folder {vectors}.");
        var program = TestProject.Find(checkout).Single(x => x.Name == "Conformance").Program;
        if (!File.Exists(program))
            throw new ProblemException($"{program} was not built: add it to Microservices.sln.");
        using var process = Process.Start("dotnet", [program, "vectors", Path.GetFullPath(vectors)]);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode;
    }
}
