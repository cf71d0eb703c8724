namespace Nightshift.Executor.Watch;

/// <summary>
/// A fact about one watched container. Stored for ever: add properties, never rename or repurpose one.
/// </summary>
/// <param name="Container">Its name.</param>
/// <param name="Engine">The engine it runs on.</param>
/// <param name="Incarnation">Which of the starts we saw; 1 is the first.</param>
/// <param name="At">When the engine says it happened, or when it was inspected (UTC).</param>
public abstract record WatchEvent(string Container, string Engine, int Incarnation, DateTimeOffset At);

/// <summary>A container with the label <c>nightshift.heal</c> is watched from here on.</summary>
/// <param name="ContainerId">The engine's id.</param>
/// <param name="Image">The image as it was named.</param>
public sealed record ContainerFound(
    string Container,
    string Engine,
    int Incarnation,
    string ContainerId,
    string Image,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>It was started, by whomever.</summary>
/// <param name="ContainerId">The engine's id; a new one when the container was made anew under the same name.</param>
/// <param name="StartedAt">When the engine says it was started; tells one start from another.</param>
/// <param name="HasHealthCheck">False when nothing but running can be known of its health.</param>
public sealed record ContainerStarted(
    string Container,
    string Engine,
    int Incarnation,
    string ContainerId,
    DateTimeOffset StartedAt,
    bool HasHealthCheck,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>Its health check passed; or it has none, and runs.</summary>
public sealed record ContainerBecameHealthy(
    string Container,
    string Engine,
    int Incarnation,
    bool HasHealthCheck,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>Its health check failed as often as it may.</summary>
/// <param name="HealthCheckTime">The longest its health check may take from a start to a verdict.</param>
public sealed record ContainerTurnedUnhealthy(
    string Container,
    string Engine,
    int Incarnation,
    DateTimeOffset At,
    TimeSpan? HealthCheckTime = null
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>It ended, and nobody asked for it as far as is known.</summary>
/// <param name="ExitCode">Exit code of its process.</param>
/// <param name="OomKilled">The kernel killed a process in it for memory.</param>
/// <param name="HealthCheckTime">The longest its health check may take from a start to a verdict; null without
/// one.</param>
public sealed record ContainerExited(
    string Container,
    string Engine,
    int Incarnation,
    int ExitCode,
    bool OomKilled,
    DateTimeOffset At,
    TimeSpan? HealthCheckTime = null
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>
/// It ended because somebody asked the engine for it, by <c>docker stop</c>, <c>kill</c> or the like.
/// </summary>
/// <param name="ExitCode">Exit code of its process.</param>
/// <param name="Signal">The number of the signal that was sent; null when only the finished stop was heard of.</param>
/// <param name="RequestedAt">When it was asked for (UTC, the engine's clock).</param>
public sealed record ContainerStopped(
    string Container,
    string Engine,
    int Incarnation,
    int ExitCode,
    string? Signal,
    DateTimeOffset RequestedAt,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>It is no longer there.</summary>
public sealed record ContainerRemoved(string Container, string Engine, int Incarnation, DateTimeOffset At)
    : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>The healer asked for a restart of this incarnation.</summary>
/// <param name="CaseId">The healer's case.</param>
public sealed record RestartRequested(
    string Container,
    string Engine,
    int Incarnation,
    string CaseId,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>The restart was done; the next incarnation follows.</summary>
/// <param name="CaseId">The healer's case.</param>
public sealed record ContainerRestarted(
    string Container,
    string Engine,
    int Incarnation,
    string CaseId,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);

/// <summary>The restart could not be done.</summary>
/// <param name="CaseId">The healer's case.</param>
/// <param name="Detail">What the engine answered, one line.</param>
public sealed record RestartFailed(
    string Container,
    string Engine,
    int Incarnation,
    string CaseId,
    string Detail,
    DateTimeOffset At
) : WatchEvent(Container, Engine, Incarnation, At);
