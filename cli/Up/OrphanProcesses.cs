using System.Diagnostics;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Up;

/// <summary>Processes that a killed supervisor left behind.</summary>
public static class OrphanProcesses
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>Ends those whose name is chosen, all at once.</summary>
    /// <returns>The names of those that still ran.</returns>
    public static async Task<IReadOnlyList<string>> End(Home home, Func<string, bool> chosen)
    {
        if (!home.HasRuntime())
            return [];
        var found = (
            from path in Directory.GetFiles(home.Runtime, "*.pid")
            let name = Path.GetFileNameWithoutExtension(path)
            where chosen(name)
            let mark = PartProcess.Running(home, name)
            where mark is not null
            select (name, path, mark)
        ).ToList();
        await Task.WhenAll(found.Select(stray => End(stray.name, stray.mark)));
        foreach (var (_, path, _) in found)
            File.Delete(path);
        return [.. found.Select(stray => stray.name)];
    }

    /// <summary>Ends all but the supervisor, in the order in which it would stop them.</summary>
    /// <returns>The names of those that still ran.</returns>
    public static async Task<IReadOnlyList<string>> EndInOrder(Home home)
    {
        var ended = new List<string>();
        for (var step = 0; step <= Foundation.LastStopStep; step++)
            ended.AddRange(await End(home, name => name != SupervisorLock.Name && Foundation.StopStep(name) == step));
        return ended;
    }

    public static async Task End(string name, ProcessMark mark, TimeSpan? grace = null)
    {
        try
        {
            using var process = Process.GetProcessById(mark.Pid);
            Machine.Signal(mark.Pid, name == Postgres.Part ? Machine.Interrupt : Machine.Terminate);
            using var patience = new CancellationTokenSource(grace ?? Grace);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
        catch (ArgumentException) { } // ended in between
    }
}
