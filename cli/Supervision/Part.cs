using Nightshift.Cli.Infrastructure;

namespace Nightshift.Cli.Supervision;

/// <summary>One long-running process of the system.</summary>
/// <param name="Name">Names its mark file, its log and the lines about it.</param>
/// <param name="Command">Program and arguments; the process that starts is the one to supervise, it must not fork
/// away.</param>
/// <param name="IsReady">Asks the process itself. Called again and again until it answers true.</param>
public sealed record Part(string Name, IReadOnlyList<string> Command, Func<CancellationToken, Task<bool>> IsReady)
{
    /// <summary>
    /// TCP ports that its own process must listen on before <see cref="IsReady"/> is asked: what answers there could
    /// be another system's. Empty for a part that listens on a socket in the runtime folder.
    /// </summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>Finds out that the process hangs; null for a part whose end is all that is watched.</summary>
    public LivenessProbe? Liveness { get; init; }

    /// <summary>On top of this program's own environment; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>
    /// On top of <see cref="Environment"/> until the part was ready once: what only the first start needs.
    /// </summary>
    public IReadOnlyDictionary<string, string?> UntilReady { get; init; } = new Dictionary<string, string?>();

    /// <summary>The working directory; null for this program's own.</summary>
    public string? Directory { get; init; }

    /// <summary>The signal that makes the program end in good order.</summary>
    public int StopSignal { get; init; } = Machine.Terminate;

    /// <summary>How long the program may take to end before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// True for infrastructure: it goes on when the supervisor is killed, and the next supervisor takes it over instead
    /// of starting another. Such a part writes to its log by itself.
    /// </summary>
    public bool Outlives { get; init; }
}
