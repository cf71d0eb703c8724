using System.Diagnostics;
using System.Globalization;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// Processes of the private engine that nobody watches any more: the shims of a containerd that was killed, with the
/// containers they hold, and the containerd of a dockerd that was killed.
/// </summary>
public static class EngineProcesses
{
    /// <summary>Ends them; only while the engine is down, since a running one would lose its containers.</summary>
    /// <returns>How many were ended.</returns>
    public static async Task<int> EndAbandoned(Home home)
    {
        if (PartProcess.Running(home, Engine.Part) is not null)
            return 0;
        var abandoned = Find(home);
        foreach (var process in abandoned)
            try
            {
                process.Kill(entireProcessTree: true); // a shim's children are the containers it holds
            }
            catch (InvalidOperationException) { } // ended in between
        await Task.WhenAll(abandoned.Select(process => process.WaitForExitAsync()));
        abandoned.ForEach(process => process.Dispose());
        return abandoned.Count;
    }

    static List<Process> Find(Home home)
    {
        var found = new List<Process>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (
                int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)
                && BelongsTo(home, Arguments(folder))
                && Open(pid) is { } process
            )
                found.Add(process);
        return found;
    }

    /// <summary>True for containerd and its shims whose command line names this home's own engine.</summary>
    public static bool BelongsTo(Home home, string[] arguments)
    {
        if (arguments is not [var program, .. var rest])
            return false;
        var containerd = Path.Combine(home.Runtime, "docker", "containerd");
        var (option, value) = Path.GetFileName(program) switch
        {
            "containerd" => ("--config", Path.Combine(containerd, "containerd.toml")),
            var name when name.StartsWith("containerd-shim", StringComparison.Ordinal) => (
                "-address",
                Path.Combine(containerd, "containerd.sock")
            ),
            _ => ("", ""),
        };
        return option.Length > 0 && rest.Zip(rest.Skip(1)).Contains((option, value));
    }

    static string[] Arguments(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // ended meanwhile, or another user's
        }
    }

    static Process? Open(int pid)
    {
        try
        {
            return Process.GetProcessById(pid);
        }
        catch (ArgumentException)
        {
            return null; // ended in between
        }
    }
}
