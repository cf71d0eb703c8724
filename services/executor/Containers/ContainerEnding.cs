using Nightshift.Executor.Attempts;
using Nightshift.Executor.Engines;
using Nightshift.Executor.Logs;

namespace Nightshift.Executor.Containers;

/// <summary>What a container's end means for its attempt.</summary>
public static class ContainerEnding
{
    /// <summary>Judges one end.</summary>
    /// <param name="facts">The container after its end; null when it is gone.</param>
    /// <param name="exit">How the end came about.</param>
    /// <param name="spec">What it was to do.</param>
    /// <param name="messages">What it told Nightshift.</param>
    public static Ending Judge(ContainerFacts? facts, ContainerExit exit, AttemptSpec spec, TaskMessages messages) =>
        facts switch
        {
            null => Ending.Of(Reasons.Engine, "The container was removed by somebody else"),
            _ when exit.TimedOut => new(
                Reasons.Timeout,
                $"Stopped after {spec.TimeoutSeconds} s",
                facts.ExitCode,
                messages.Outputs
            ),
            // Also with exit code 0: a shell goes on when one of its children was killed.
            { OomKilled: true } => new(
                Reasons.Oom,
                $"The kernel killed a process for memory; the limit is {spec.MemoryMiB} MiB",
                facts.ExitCode,
                messages.Outputs
            ),
            // 255 is what an engine writes that finds a container gone when it comes back.
            { ExitCode: 137 or 143 or 255 } when exit is { EngineLeft: true } or { Witnessed: false } => new(
                Reasons.Engine,
                "The engine was restarted while the task ran",
                facts.ExitCode,
                messages.Outputs
            ),
            { Error.Length: > 0, ExitCode: not (126 or 127) } => Ending.Of(Reasons.Engine, facts.Error),
            { Error.Length: > 0 } => new(Reasons.Exit, facts.Error, facts.ExitCode, messages.Outputs),
            { ExitCode: 0 } when !exit.Witnessed => new(
                Reasons.Engine,
                "The engine was away when the task ended with exit code 0: what it printed may be incomplete",
                0,
                messages.Outputs
            ),
            { ExitCode: 0 } when messages.Mistake is { } mistake => new(Reasons.Output, mistake, 0, messages.Outputs),
            { ExitCode: 0 } => new(Reasons.Completed, messages.FirstWarning ?? "", 0, messages.Outputs),
            _ => new(Reasons.Exit, Describe(facts.ExitCode), facts.ExitCode, messages.Outputs),
        };

    /// <summary>True when a container that nobody watched ran longer than it may, by the engine's own clock.</summary>
    public static bool Overran(ContainerFacts facts, AttemptSpec spec) =>
        facts.FinishedAt - facts.StartedAt >= TimeSpan.FromSeconds(spec.TimeoutSeconds);

    // A shell's convention, kept by the engine: 128 and the number of the signal that ended the process.
    static string Describe(int exitCode) =>
        exitCode switch
        {
            126 => "Exit code 126: a command cannot be run",
            127 => "Exit code 127: a command was not found",
            137 => "Exit code 137: killed from outside (SIGKILL)",
            139 => "Exit code 139: crashed (SIGSEGV)",
            143 => "Exit code 143: asked to end from outside (SIGTERM)",
            _ => $"Exit code {exitCode}",
        };
}
