using Docker.DotNet.Models;

namespace Nightshift.Executor.Engines;

/// <summary>
/// What the executor needs of a container engine, and no more: nothing here can run a command in, or copy into, a
/// container that exists. Unary calls are retried while the engine is away; waiting and streams are not, whoever uses
/// them connects again.
/// </summary>
/// <remarks>Every call throws <see cref="EngineException"/> when the engine refuses it or stays away.</remarks>
public interface IContainerEngine
{
    /// <summary>Who the engine is and what it can enforce.</summary>
    Task<EngineInfo> Info(CancellationToken cancellationToken);

    /// <summary>What an image says; null when the engine does not have it.</summary>
    Task<ImageFacts?> Image(string image, CancellationToken cancellationToken);

    /// <summary>Creates a container. Safe to repeat: the name is its natural key.</summary>
    Task<Creation> Create(CreateContainerParameters parameters, CancellationToken cancellationToken);

    /// <summary>Whether there is something at a path of a container's image; the container need not run.</summary>
    Task<bool> HasFile(string container, string path, CancellationToken cancellationToken);

    /// <summary>Starts a created container; nothing happens when it runs already.</summary>
    Task Start(string container, CancellationToken cancellationToken);

    /// <summary>The container as it is now, by id or name; null when there is none.</summary>
    Task<ContainerFacts?> Inspect(string container, CancellationToken cancellationToken);

    /// <summary>Returns when the container does not run (any more), or is gone.</summary>
    Task WaitForExit(string container, CancellationToken cancellationToken);

    /// <summary>
    /// False when the engine answers that a container it calls running has no process: it has missed its end. True also
    /// when it cannot tell.
    /// </summary>
    Task<bool> HasProcesses(string container, CancellationToken cancellationToken);

    /// <summary>
    /// True when the engine itself saw the container end, and so took all of its output; false when it was away then,
    /// or cannot tell any more.
    /// </summary>
    /// <param name="container">Its id.</param>
    /// <param name="finishedAt">When it ended, by the engine's clock.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> SawEnd(string container, DateTimeOffset finishedAt, CancellationToken cancellationToken);

    /// <summary>
    /// The container's output from <paramref name="since"/> on, each entry led by its time, until the container ends.
    /// </summary>
    IAsyncEnumerable<LogChunk> Logs(string container, DateTimeOffset? since, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the process to end, and kills the container when it has not after <paramref name="grace"/>. Nothing happens
    /// when it does not run.
    /// </summary>
    Task Stop(string container, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Stops the container if it runs, and starts it.</summary>
    Task Restart(string container, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Removes the container and its anonymous volumes; nothing happens when it is gone.</summary>
    Task Remove(string container, CancellationToken cancellationToken);

    /// <summary>Fetches an image from its registry.</summary>
    Task Pull(string image, CancellationToken cancellationToken);

    /// <summary>
    /// Names of all containers, running or not, that carry a label (<c>name=value</c>, or <c>name</c> for any value).
    /// </summary>
    Task<IReadOnlyList<string>> List(string label, CancellationToken cancellationToken);

    /// <summary>
    /// Calls <paramref name="heard"/> for each event of containers that carry a label, from <paramref name="since"/>
    /// on, until cancelled.
    /// </summary>
    Task Listen(string label, DateTimeOffset since, Action<EngineEvent> heard, CancellationToken cancellationToken);

    /// <summary>
    /// The events of containers that carry a label which the engine still remembers, oldest first. It keeps its latest
    /// 256 events of all kinds in memory, so it has none from before its own start.
    /// </summary>
    Task<IReadOnlyList<EngineEvent>> RecentEvents(string label, CancellationToken cancellationToken);
}

/// <summary>How an attempt to create a container ended.</summary>
public abstract record Creation
{
    /// <summary>It exists now.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Warnings">What the engine will not enforce, in its words.</param>
    public sealed record Made(string Id, IReadOnlyList<string> Warnings) : Creation;

    /// <summary>A container of that name exists.</summary>
    public sealed record NameTaken : Creation;

    /// <summary>The engine does not have the image.</summary>
    public sealed record ImageMissing : Creation;
}

/// <summary>An image as the engine describes it.</summary>
/// <param name="Digest">What names exactly this image: <c>name@sha256:…</c> when it came from a registry under the
/// asked name, otherwise the engine's id of it, <c>sha256:…</c>.</param>
/// <param name="Volumes">The paths it declares as volumes.</param>
/// <param name="WorkingDirectory">Where it says commands start; empty when it does not say.</param>
public sealed record ImageFacts(string Digest, IReadOnlyList<string> Volumes, string WorkingDirectory)
{
    /// <summary>True until the engine has found no <c>sh</c> in it.</summary>
    public bool HasShell { get; init; } = true;
}

/// <summary>A container as the engine describes it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name, without a slash.</param>
/// <param name="Image">The image it was made from, as it was named.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="State">The engine's word: <c>created</c>, <c>running</c>, <c>restarting</c>, <c>paused</c>,
/// <c>exited</c>, <c>dead</c>.</param>
/// <param name="StartedAt">When it was last started (UTC); null when never.</param>
/// <param name="FinishedAt">When it last ended (UTC); null when it never has.</param>
/// <param name="ExitCode">Exit code of the last end; 0 before.</param>
/// <param name="OomKilled">The kernel killed a process in it for memory.</param>
/// <param name="Error">Why it could not be started; empty otherwise.</param>
/// <param name="Health"><c>starting</c>, <c>healthy</c> or <c>unhealthy</c>; null without a health check.</param>
public sealed record ContainerFacts(
    string Id,
    string Name,
    string Image,
    IReadOnlyDictionary<string, string> Labels,
    string State,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    int ExitCode,
    bool OomKilled,
    string Error,
    string? Health
)
{
    /// <summary>
    /// The longest its health check may take from a start to a verdict: start period + retries × (interval + timeout).
    /// Null without a health check.
    /// </summary>
    public TimeSpan? HealthCheckTime { get; init; }

    /// <summary>The signal its own settings name for a stop, as written there; null when they name none.</summary>
    public string? StopSignal { get; init; }
}

/// <summary>Bytes from one of the container's two outputs.</summary>
/// <param name="Stderr">True for the error output.</param>
/// <param name="Bytes">At most one entry of the engine's log. Valid until the next chunk is asked for.</param>
public readonly record struct LogChunk(bool Stderr, ReadOnlyMemory<byte> Bytes);

/// <summary>Something happened to a container.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Action">The engine's word: <c>start</c>, <c>die</c>, <c>health_status: unhealthy</c> …</param>
/// <param name="At">When (UTC).</param>
public sealed record EngineEvent(string Container, string Action, DateTimeOffset At)
{
    /// <summary>Its id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The number of the signal that was sent to it by the engine's API; null for other events.</summary>
    public string? Signal { get; init; }
}

/// <summary>The engine refused a call, or did not answer.</summary>
/// <param name="text">The engine's words, one line.</param>
/// <param name="cause">What the client threw.</param>
/// <param name="unreachable">True when the engine did not answer at all.</param>
public sealed class EngineException(string text, Exception? cause = null, bool unreachable = false)
    : Exception(text, cause)
{
    /// <summary>True when the engine did not answer at all.</summary>
    public bool Unreachable { get; } = unreachable;
}
