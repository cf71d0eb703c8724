using System.Globalization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>
/// The processes of one home, by the marks its supervisor keeps. A signal reaches only the very process a mark names:
/// a number that was given out again is another process.
/// </summary>
sealed class PartProcesses(Home home)
{
    const int Stop = 19,
        Continue = 18; // SIGSTOP and SIGCONT

    /// <summary>The process of a part; null while it does not run.</summary>
    public ProcessMark? Of(string part) => ProcessMark.Running(home.Mark(part));

    /// <returns>False when it has ended by itself.</returns>
    public static bool Kill(ProcessMark process) => Signal(process, Machine.Kill);

    /// <summary>Stops it where it stands.</summary>
    public static bool Suspend(ProcessMark process) => Signal(process, Stop);

    /// <summary>Lets it go on, unless it was killed meanwhile.</summary>
    public static bool Resume(ProcessMark process) => Signal(process, Continue);

    /// <summary>
    /// Processes that were started from this home: a program, or a setting of one, that lies in it.
    /// </summary>
    public IReadOnlyList<(ProcessMark Process, string Program, string Command)> Left() =>
        [
            .. from pid in Pids()
            let arguments = Text(pid, "cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries)
            where pid != Environment.ProcessId && IsOfSystem(arguments)
            let process = ProcessMark.Of(pid)
            where process is not null
            select (process, Path.GetFileName(arguments[0]), string.Join(' ', arguments)),
        ];

    bool IsOfSystem(string[] arguments) =>
        arguments.Any(x => x.StartsWith($"{home.Runtime}/", StringComparison.Ordinal))
        || arguments.Any(x => x.StartsWith($"{home.Root}/programs/", StringComparison.Ordinal));

    static bool Signal(ProcessMark process, int signal) => process.IsAlive && Machine.Signal(process.Pid, signal);

    static IEnumerable<int> Pids() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(folder)
        where name.All(char.IsAsciiDigit)
        select int.Parse(name, CultureInfo.InvariantCulture);

    static string Text(int pid, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // ended meanwhile, or another user's
        }
    }
}
