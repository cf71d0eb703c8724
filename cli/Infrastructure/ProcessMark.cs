using System.Globalization;

namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// Names one process for good: its number may be given out again, number, start and boot together are not.
/// </summary>
/// <param name="StartedTicks">Clock ticks from boot to the process's start, from <c>/proc/&lt;pid&gt;/stat</c>.</param>
/// <param name="Boot">The kernel's id of this boot.</param>
public sealed record ProcessMark(int Pid, long StartedTicks, string Boot)
{
    static readonly string ThisBoot = ReadBoot();

    /// <returns>Null when the process is gone, or ended and only waits to be collected.</returns>
    public static ProcessMark? Of(int pid)
    {
        try
        {
            return ParseStat(File.ReadAllText($"/proc/{pid}/stat")) is ({ } started, not 'Z' and not 'X')
                ? new ProcessMark(pid, started, ThisBoot)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public bool IsAlive => Of(Pid) == this;

    /// <summary>
    /// The process that a mark file names, if it still runs; null also for a missing or unreadable file, a link, and
    /// another user's file.
    /// </summary>
    public static ProcessMark? Running(string path) =>
        FileFacts.ReadOwn(path) is { } text && Parse(text) is { IsAlive: true } mark ? mark : null;

    public void Save(string path) => PrivateFile.Write(path, ToString());

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartedTicks} {Boot}\n");

    public static ProcessMark? Parse(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var pid, var started, var boot]
        && int.TryParse(pid, CultureInfo.InvariantCulture, out var p)
        && long.TryParse(started, CultureInfo.InvariantCulture, out var s)
            ? new ProcessMark(p, s, boot)
            : null;

    /// <summary>
    /// Field 22 and field 3. The name in field 2 may hold spaces and brackets, so fields are counted from its end.
    /// </summary>
    public static (long? Started, char State) ParseStat(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var started)
            ? (started, fields[0][0])
            : (null, '?');
    }

    static string ReadBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
