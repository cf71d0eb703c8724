namespace Nightshift.Executor.Watch;

/// <summary>What is known of a watched container.</summary>
public enum Condition
{
    /// <summary>Never seen, or removed.</summary>
    Absent,

    /// <summary>Made and not started yet.</summary>
    Created,

    /// <summary>Runs; its health check has not decided yet.</summary>
    Starting,

    /// <summary>Runs, and passes its health check if it has one.</summary>
    Healthy,

    /// <summary>Runs, and fails its health check.</summary>
    Unhealthy,

    /// <summary>Ended by itself, or by something nobody asked for.</summary>
    Exited,

    /// <summary>Ended because somebody asked the engine for it.</summary>
    Stopped,
}

/// <summary>A restart the healer asked for.</summary>
/// <param name="CaseId">Its case.</param>
/// <param name="Incarnation">The incarnation it ends.</param>
public sealed record Restart(string CaseId, int Incarnation);

/// <summary>One watched container, folded from its stream.</summary>
/// <param name="Condition">How it is.</param>
/// <param name="Incarnation">Starts seen; 0 before the first.</param>
/// <param name="ContainerId">The engine's id.</param>
/// <param name="StartedAt">Its latest start (UTC); null before the first.</param>
/// <param name="Restart">The restart under way; null when none is.</param>
public sealed record WatchedContainer(
    Condition Condition,
    int Incarnation,
    string? ContainerId,
    DateTimeOffset? StartedAt,
    Restart? Restart
)
{
    /// <summary>The latest incarnation the healer asked to restart; -1 before the first.</summary>
    public int RestartOf { get; init; } = -1;

    /// <summary>The state before the first event.</summary>
    public static readonly WatchedContainer Unknown = new(
        Condition.Absent,
        Incarnation: 0,
        ContainerId: null,
        StartedAt: null,
        Restart: null
    );

    /// <summary>The state after one more event.</summary>
    public WatchedContainer Evolve(object e) =>
        e switch
        {
            ContainerFound x => this with { Condition = Condition.Created, ContainerId = x.ContainerId },
            ContainerStarted x => this with
            {
                Condition = Condition.Starting,
                Incarnation = x.Incarnation,
                ContainerId = x.ContainerId,
                StartedAt = x.StartedAt,
            },
            ContainerBecameHealthy => this with { Condition = Condition.Healthy },
            ContainerTurnedUnhealthy => this with { Condition = Condition.Unhealthy },
            ContainerExited => this with { Condition = Condition.Exited },
            ContainerStopped => this with { Condition = Condition.Stopped },
            ContainerRemoved => this with { Condition = Condition.Absent, Restart = null },
            RestartRequested x => this with { Restart = new(x.CaseId, x.Incarnation), RestartOf = x.Incarnation },
            ContainerRestarted or RestartFailed => this with { Restart = null },
            _ => this,
        };
}
