using System.Globalization;
using System.Text.Json;
using Nightshift.Plumbing.Hosting;
using Nightshift.Plumbing.Status;

namespace Nightshift.Gateway.Status;

/// <summary>
/// The process that starts again whatever ends. When it was killed everything goes on as before, until something else
/// ends: only the status can say so.
/// </summary>
sealed class SupervisorStatus(SupervisorOptions options)
{
    /// <summary>A line for the status; null while the supervisor runs, and where there never was one.</summary>
    public ServiceLine? Problem() =>
        options.Process is not { Length: > 0 } process
            ? null
            : State(process) switch
            {
                null => Line("not running; nothing is restarted"),
                'T' or 't' => Line("stopped; nothing is restarted"), // SIGSTOP, or a debugger
                _ => null,
            };

    /// <summary>What it restarted lately; empty also when that cannot be read.</summary>
    public IReadOnlyList<RecentAction> Restarts()
    {
        if (options.RestartLog is not { Length: > 0 } path)
            return [];
        try
        {
            return JsonSerializer.Deserialize<RecentAction[]>(File.ReadAllText(path), Json.Options) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    static ServiceLine Line(string state) => new("Supervisor", state, Ok: false, Since: null);

    // The state in /proc/<pid>/stat; null when the process is gone. Its number may belong to another process by now:
    // number, start and boot together name it for good.
    static char? State(string process)
    {
        if (process.Split(' ') is not [var pid, var started, var boot])
            return null;
        try
        {
            if (File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() != boot)
                return null;
            var stat = File.ReadAllText(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{int.Parse(pid, null)}/stat")
            );
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name before may hold spaces
            return fields[19] == started && fields[0][0] is not ('Z' or 'X') ? fields[0][0] : null;
        }
        catch (Exception e) when (e is IOException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
