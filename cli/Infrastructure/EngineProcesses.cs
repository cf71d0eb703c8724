using System.Diagnostics;
using System.Globalization;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// Processes of the private engine that nobody watches any more: the shims of a containerd that has ended, with the
/// containers they hold, and a containerd without a mark.
/// </summary>
public static class EngineProcesses
{
    /// <summary>Ends them; only while the engine is down, since a running one would lose its containers.</summary>
    /// <returns>How many were ended.</returns>
    public static async Task<int> EndAbandoned(Home home)
    {
        if (
            PartProcess.Running(home, Engine.Part) is not null
            || PartProcess.Running(home, Containerd.Part) is not null
        )
            return 0;
        var ended = await End(Find(home, _ => true));
        await MountNamespace.Remove(home);
        return ended;
    }

    /// <returns>True while a containerd of this home runs, with a mark or without.</returns>
    public static bool HasContainerd(Home home)
    {
        var found = Find(home, IsContainerd);
        found.ForEach(process => process.Dispose());
        return found.Count > 0;
    }

    /// <summary>Ends containerd and leaves its shims: the next containerd takes their containers over.</summary>
    /// <returns>How many were ended.</returns>
    public static Task<int> EndContainerd(Home home) => End(Find(home, IsContainerd));

    static async Task<int> End(List<Process> abandoned)
    {
        foreach (var process in abandoned)
            try
            {
                // a shim's children are the containers it holds; a shim itself is no child of containerd
                process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException) { } // ended in between
        await Task.WhenAll(abandoned.Select(process => process.WaitForExitAsync()));
        abandoned.ForEach(process => process.Dispose());
        return abandoned.Count;
    }

    static bool IsContainerd(string program) => program == Containerd.Part;

    static List<Process> Find(Home home, Func<string, bool> program)
    {
        var found = new List<Process>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (
                int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)
                && Arguments(folder) is var arguments
                && BelongsTo(home, arguments)
                && program(Path.GetFileName(arguments[0]))
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
        var (option, value) = Path.GetFileName(program) switch
        {
            Containerd.Part => ("--config", Containerd.Settings(home)),
            var name when name.StartsWith("containerd-shim", StringComparison.Ordinal) => (
                "-address",
                Containerd.Socket(home)
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
