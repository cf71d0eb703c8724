namespace Nightshift.Executor.Attempts;

/// <summary>Why an attempt ended; the words of the contract.</summary>
public static class Reasons
{
    /// <summary>The command ended with 0 and the kernel killed nothing in it.</summary>
    public const string Completed = "completed";

    /// <summary>The command ended with another code.</summary>
    public const string Exit = "exit";

    /// <summary>The kernel killed a process in it for memory, whatever the command's exit code.</summary>
    public const string Oom = Contracts.FailureReason.OutOfMemory;

    /// <summary>It was stopped because its time was up.</summary>
    public const string Timeout = "timeout";

    /// <summary>The command ended with 0, and its outputs break a limit or cannot be read.</summary>
    public const string Output = "output";

    /// <summary>The image cannot be had.</summary>
    public const string Image = "image";

    /// <summary>
    /// The task asks for what cannot be: a secret that is missing or the system's own, a limit below the least.
    /// </summary>
    public const string Refused = "refused";

    /// <summary>
    /// The engine or the machine failed: it refused or lost the container, or what the task printed may not all have
    /// arrived. No fault of the task.
    /// </summary>
    public const string Engine = "engine";

    /// <summary>Its executor made no progress any more, and no other one serves its engine.</summary>
    public const string Lost = "lost";

    /// <summary>The scheduler asked for its end: its run goes on without it.</summary>
    public const string Stopped = "stopped";
}
