namespace Nightshift.Cli.Infrastructure;

/// <summary>
/// The running process of one part. A mark file alone is not believed: the process itself has to carry, in the
/// environment it was started with, the name of this home and part.
/// </summary>
public static class PartProcess
{
    public const string Variable = "NIGHTSHIFT_PART";

    /// <summary>What the environment of a part's process holds.</summary>
    public static string ValueOf(Home home, string part) => $"{part}@{home.Root}";

    /// <returns>Null when it does not run, or the mark names a process that is not this part.</returns>
    /// <exception cref="ProblemException">The runtime folder is not this user's.</exception>
    public static ProcessMark? Running(Home home, string part) =>
        home.HasRuntime() && ProcessMark.Running(home.Mark(part)) is { } mark && Is(mark.Pid, home, part) ? mark : null;

    static bool Is(int pid, Home home, string part) =>
        part == Up.SupervisorLock.Name
            ? Strings(pid, "cmdline").Any(word => Path.GetFileName(word) is "nightshift.dll" or "nightshift")
            : Strings(pid, "environ").Contains($"{Variable}={ValueOf(home, part)}");

    static string[] Strings(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}").Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // ended meanwhile, or another user's
        }
    }
}
