namespace Nightshift.Executor.Attempts;

/// <summary>Why an attempt ended; the words of the contract.</summary>
public static class Reasons
{
    /// <summary>The command ended with 0 and the kernel killed nothing in it.</summary>
    public const string Completed = "completed";

    /// <summary>The command ended with another code.</summary>
    public const string Exit = "exit";

    /// <summary>The kernel killed a process in it for memory, whatever the command's exit code.</summary>
    public const string Oom = "oom";

    /// <summary>It was stopped because its time was up.</summary>
    public const string Timeout = "timeout";

    /// <summary>The command ended with 0, and its outputs break a limit or cannot be read.</summary>
    public const string Output = "output";

    /// <summary>The image cannot be had.</summary>
    public const string Image = "image";

    /// <summary>The engine refused or lost the container, or it could not be asked for at all.</summary>
    public const string Engine = "engine";
}
