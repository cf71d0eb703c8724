using System.Runtime.InteropServices;

namespace Nightshift.Cli.Infrastructure;

/// <summary>The few calls to the operating system that .NET has no word for.</summary>
public static partial class Machine
{
    public const int Interrupt = 2,
        Kill = 9,
        Terminate = 15;

    public static bool IsRoot { get; } = Environment.IsPrivilegedProcess;

    /// <summary>The user this process acts as.</summary>
    public static uint User { get; } = EffectiveUser();

    /// <returns>False when no such process exists.</returns>
    public static bool Signal(int pid, int signal) => SendSignal(pid, signal) == 0;

    /// <summary>The file's path, looked for where a login shell of root would; null when absent.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
