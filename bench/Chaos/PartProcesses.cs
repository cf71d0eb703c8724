using System.Globalization;
using Nightshift.Cli.Infrastructure;

namespace Nightshift.Bench.Chaos;

/// <summary>
/// The processes of one home, by the marks its supervisor keeps. A signal reaches only the very process a mark names:
/// a number that was given out again is another process.
/// </summary>
sealed class PartProcesses(Home home)
{
    /// <summary>The engine's own child, which has no mark.</summary>
    public const string Containerd = "containerd";

    const int Stop = 19,
        Continue = 18; // SIGSTOP and SIGCONT

    /// <summary>The process of a part; null while it does not run.</summary>
    public ProcessMark? Of(string part) =>
        part == Containerd
            ? ChildOf(ProcessMark.Running(home.Mark(Engine.Part)), Containerd)
            : ProcessMark.Running(home.Mark(part));

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

    static ProcessMark? ChildOf(ProcessMark? parent, string name) =>
        parent is null
            ? null
            : Pids().Where(x => IsChild(Text(x, "stat"), parent.Pid, name)).Select(ProcessMark.Of).FirstOrDefault();

    /// <summary>Fields of <c>/proc/PID/stat</c>: number, name in brackets, state, parent.</summary>
    static bool IsChild(string stat, int parent, string name) =>
        stat.Contains($"({name})", StringComparison.Ordinal)
        && stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var of, ..]
        && of == parent.ToString(CultureInfo.InvariantCulture);

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
