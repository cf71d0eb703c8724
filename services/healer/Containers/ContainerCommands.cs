namespace Nightshift.Healer.Containers;

/// <summary>A watched container turned unhealthy or ended.</summary>
/// <param name="Engine">Where it runs.</param>
/// <param name="Container">Its name.</param>
/// <param name="Incarnation">Which start of it.</param>
/// <param name="Problem"><c>unhealthy</c> or <c>exited</c>.</param>
/// <param name="ExitCode">Null when it still runs.</param>
/// <param name="FailedAt">When the engine said so (UTC).</param>
/// <param name="HealthCheckTime">The longest its health check may take from a start to a verdict; null without
/// one.</param>
public sealed record SeeContainerFail(
    string Engine,
    string Container,
    int Incarnation,
    string Problem,
    int? ExitCode,
    DateTimeOffset FailedAt,
    TimeSpan? HealthCheckTime = null
);

/// <summary>A watched container is healthy, or runs and has no health check.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Incarnation">Which start of it.</param>
/// <param name="HasHealthCheck">False when running is all that is known.</param>
/// <param name="WellAt">When the engine said so (UTC).</param>
public sealed record SeeContainerWell(string Container, int Incarnation, bool HasHealthCheck, DateTimeOffset WellAt);

/// <summary>A watched container is no longer there.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Incarnation">Its last start.</param>
public sealed record SeeContainerRemoved(string Container, int Incarnation);

/// <summary>A watched container ended because somebody asked for it.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Incarnation">Which start of it.</param>
public sealed record SeeContainerStopped(string Container, int Incarnation);

/// <summary>The executor could not restart it.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Incarnation">The incarnation the command named.</param>
/// <param name="Detail">What the engine answered.</param>
/// <param name="RefusedAt">When (UTC).</param>
public sealed record SeeRestartFail(string Container, int Incarnation, string Detail, DateTimeOffset RefusedAt);

/// <summary>The back-off of a planned restart has passed.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Action">The planned action.</param>
public sealed record ActNow(string Container, int Action);

/// <summary>A restart has had its time to lead to health.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Action">The restart.</param>
public sealed record CheckVerified(string Container, int Action);

/// <summary>A container has had its time to fall over again.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Incarnation">The incarnation that was seen running.</param>
public sealed record CheckStable(string Container, int Incarnation);
