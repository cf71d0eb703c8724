using System.Diagnostics;

namespace Nightshift.Cli.Infrastructure;

/// <param name="Output">Standard output and standard error, in that order.</param>
public sealed record Ran(int ExitCode, string Output)
{
    /// <summary>The end of the output, which is where programs say why they gave up.</summary>
    public string Tail(int lines = 12) => string.Join('\n', Output.TrimEnd().Split('\n').TakeLast(lines));
}

/// <summary>Runs a program to its end.</summary>
public static class Shell
{
    /// <param name="input">Text for standard input; null closes it.</param>
    public static async Task<Ran> Run(
        IReadOnlyList<string> command,
        string? input = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? directory = null,
        CancellationToken cancellationToken = default
    )
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            info.Environment[name] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException($"{command[0]} did not start");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return new Ran(process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <exception cref="ProblemException">The program ended with another code than 0.</exception>
    public static async Task<string> Require(
        string doing,
        IReadOnlyList<string> command,
        string? input = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? directory = null,
        CancellationToken cancellationToken = default
    )
    {
        var ran = await Run(command, input, environment, directory, cancellationToken);
        return ran.ExitCode == 0
            ? ran.Output
            : throw new ProblemException($"{doing} failed (exit code {ran.ExitCode}):\n{ran.Tail()}");
    }
}
