using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Watch;

/// <summary>What an inspection of a container showed.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Engine">The engine that was asked.</param>
/// <param name="Facts">Null when there is no such container, or it does not carry the label.</param>
/// <param name="Stop">Who asked for its end; null when it has not ended, or nobody did as far as is known.</param>
/// <param name="At">When (UTC).</param>
public sealed record ContainerSnapshot(
    string Container,
    string Engine,
    ContainerFacts? Facts,
    StopRequest? Stop,
    DateTimeOffset At
);

/// <summary>Asks for a restart of one incarnation.</summary>
public sealed record AskRestart(string Container, string Engine, string CaseId, int Incarnation, DateTimeOffset At);

/// <summary>Reports how the restart went.</summary>
/// <param name="Failure">Null when it was done.</param>
public sealed record ReportRestart(
    string Container,
    string Engine,
    string CaseId,
    int Incarnation,
    string? Failure,
    DateTimeOffset At
);

/// <summary>
/// Compares what is seen with what is known. Snapshots may come late, twice or out of the engine's order, and some may
/// be missing: only the difference counts.
/// </summary>
public static class WatchDecider
{
    /// <summary>Says what has changed.</summary>
    /// <returns>No events when nothing has.</returns>
    public static IReadOnlyList<WatchEvent> Decide(WatchedContainer known, ContainerSnapshot seen)
    {
        if (seen.Facts is not { } facts)
            return known.Condition == Condition.Absent
                ? []
                : [new ContainerRemoved(seen.Container, seen.Engine, known.Incarnation, seen.At)];
        var events = new List<WatchEvent>();
        if (known.Condition == Condition.Absent)
            Add(new ContainerFound(seen.Container, seen.Engine, known.Incarnation, facts.Id, facts.Image, seen.At));
        if (facts.StartedAt is { } startedAt && (facts.Id != known.ContainerId || startedAt != known.StartedAt))
        {
            if (startedAt < known.StartedAt)
                return []; // an older snapshot that was overtaken
            Add(
                new ContainerStarted(
                    seen.Container,
                    seen.Engine,
                    known.Incarnation + 1,
                    facts.Id,
                    startedAt,
                    facts.Health is not null,
                    startedAt
                )
            );
        }
        if (Change(known, seen, facts) is { } change)
            Add(change);
        return events;

        void Add(WatchEvent e)
        {
            events.Add(e);
            known = known.Evolve(e);
        }
    }

    // A paused container is left alone: somebody paused it. One that the engine itself restarts is not over yet.
    // Our own restart ends the container too, and that end is no failure.
    static WatchEvent? Change(WatchedContainer known, ContainerSnapshot seen, ContainerFacts facts) =>
        (facts.State, facts.Health, known.Condition) switch
        {
            ("exited" or "dead", _, Condition.Starting or Condition.Healthy or Condition.Unhealthy)
                when known.Restart?.Incarnation != known.Incarnation => End(known, seen, facts),
            ("running", "unhealthy", Condition.Starting or Condition.Healthy) => new ContainerTurnedUnhealthy(
                seen.Container,
                seen.Engine,
                known.Incarnation,
                seen.At,
                facts.HealthCheckTime
            ),
            ("running", "healthy" or null, Condition.Starting or Condition.Unhealthy) => new ContainerBecameHealthy(
                seen.Container,
                seen.Engine,
                known.Incarnation,
                facts.Health is not null,
                seen.At
            ),
            _ => null,
        };

    // The signal of a restart of ours that failed half-way asked for nothing but the restart.
    static WatchEvent End(WatchedContainer known, ContainerSnapshot seen, ContainerFacts facts) =>
        seen.Stop is { } stop && known.RestartOf != known.Incarnation && !HealLabel.UndoesStops(facts.Labels)
            ? new ContainerStopped(
                seen.Container,
                seen.Engine,
                known.Incarnation,
                facts.ExitCode,
                stop.Signal,
                stop.At,
                facts.FinishedAt ?? seen.At
            )
            : new ContainerExited(
                seen.Container,
                seen.Engine,
                known.Incarnation,
                facts.ExitCode,
                facts.OomKilled,
                facts.FinishedAt ?? seen.At,
                facts.HealthCheckTime
            );

    /// <summary>Notes that a restart begins.</summary>
    /// <returns>No events when the container has been started since, is gone, was stopped on request, or this restart
    /// has begun already.</returns>
    public static IReadOnlyList<WatchEvent> Decide(WatchedContainer known, AskRestart ask) =>
        IsDue(known, ask) && known.Restart != new Restart(ask.CaseId, ask.Incarnation)
            ? [new RestartRequested(ask.Container, ask.Engine, ask.Incarnation, ask.CaseId, ask.At)]
            : [];

    /// <summary>
    /// True when the incarnation a restart was asked for is still the latest, and nobody wants it stopped.
    /// </summary>
    public static bool IsDue(WatchedContainer known, AskRestart ask) =>
        known.Incarnation == ask.Incarnation && known.Condition is not (Condition.Absent or Condition.Stopped);

    /// <summary>Notes how a restart went.</summary>
    /// <returns>No events when none of this case is under way.</returns>
    public static IReadOnlyList<WatchEvent> Decide(WatchedContainer known, ReportRestart report) =>
        known.Restart != new Restart(report.CaseId, report.Incarnation) ? []
        : report.Failure is { } failure
            ?
            [
                new RestartFailed(
                    report.Container,
                    report.Engine,
                    report.Incarnation,
                    report.CaseId,
                    failure,
                    report.At
                ),
            ]
        : [new ContainerRestarted(report.Container, report.Engine, report.Incarnation, report.CaseId, report.At)];
}
