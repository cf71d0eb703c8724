using System.Diagnostics;

namespace Nightshift.Cli.Up;

/// <summary>Starts the supervisor as a process of its own and repeats what it says until it is green.</summary>
public static class Background
{
    /// <returns>0 when the system is up, else the code the supervisor ended with.</returns>
    public static async Task<int> Start(bool noServices, bool adopt, CancellationToken cancellationToken)
    {
        var info = new ProcessStartInfo(
            "setsid",
            [
                "sh",
                "-c",
                "exec \"$@\" </dev/null 2>&1",
                "sh",
                "dotnet",
                Path.Combine(AppContext.BaseDirectory, "nightshift.dll"),
                "up",
                "--in-background",
                .. noServices ? ["--no-services"] : Array.Empty<string>(),
                .. adopt ? ["--adopt"] : Array.Empty<string>(),
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info) ?? throw new InvalidOperationException("setsid did not start");
        await using var onCancel = cancellationToken.Register(() =>
            Infrastructure.Machine.Signal(process.Id, Infrastructure.Machine.Terminate)
        );
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (line == ConsoleOutput.Over)
                return 0;
            Console.WriteLine(line);
        }
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
