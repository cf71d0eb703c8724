using Nightshift.Executor.Engines;

namespace Nightshift.Executor.Watch;

/// <summary>What a look at a container showed.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Engine">The engine that was asked.</param>
/// <param name="Facts">Null when there is no such container, or it does not carry the label.</param>
/// <param name="At">When (UTC).</param>
public sealed record Look(string Container, string Engine, ContainerFacts? Facts, DateTimeOffset At);

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
/// Compares what is seen with what is known. Looks may come late, twice or out of the engine's order, and some may be
/// missing: only the difference counts.
/// </summary>
public static class WatchDecider
{
    /// <summary>Says what has changed.</summary>
    /// <returns>No events when nothing has.</returns>
    public static IReadOnlyList<WatchEvent> Decide(WatchedContainer known, Look look)
    {
        if (look.Facts is not { } facts)
            return known.Condition == Condition.Absent
                ? []
                : [new ContainerRemoved(look.Container, look.Engine, known.Incarnation, look.At)];
        var events = new List<WatchEvent>();
        if (known.Condition == Condition.Absent)
            Add(new ContainerFound(look.Container, look.Engine, known.Incarnation, facts.Id, facts.Image, look.At));
        if (facts.StartedAt is { } startedAt && (facts.Id != known.ContainerId || startedAt != known.StartedAt))
        {
            if (startedAt < known.StartedAt)
                return []; // an older look that was overtaken
            Add(
                new ContainerStarted(
                    look.Container,
                    look.Engine,
                    known.Incarnation + 1,
                    facts.Id,
                    startedAt,
                    facts.Health is not null,
                    startedAt
                )
            );
        }
        if (Change(known, look, facts) is { } change)
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
    static WatchEvent? Change(WatchedContainer known, Look look, ContainerFacts facts) =>
        (facts.State, facts.Health, known.Condition) switch
        {
            ("exited" or "dead", _, not (Condition.Exited or Condition.Created or Condition.Absent))
                when known.Restart?.Incarnation != known.Incarnation => new ContainerExited(
                look.Container,
                look.Engine,
                known.Incarnation,
                facts.ExitCode,
                facts.OomKilled,
                facts.FinishedAt ?? look.At
            ),
            ("running", "unhealthy", Condition.Starting or Condition.Healthy) => new ContainerTurnedUnhealthy(
                look.Container,
                look.Engine,
                known.Incarnation,
                look.At
            ),
            ("running", "healthy" or null, Condition.Starting or Condition.Unhealthy) => new ContainerBecameHealthy(
                look.Container,
                look.Engine,
                known.Incarnation,
                facts.Health is not null,
                look.At
            ),
            _ => null,
        };

    /// <summary>Notes that a restart begins.</summary>
    /// <returns>No events when the container has been started since, is gone, or this restart has begun
    /// already.</returns>
    public static IReadOnlyList<WatchEvent> Decide(WatchedContainer known, AskRestart ask) =>
        IsDue(known, ask) && known.Restart != new Restart(ask.CaseId, ask.Incarnation)
            ? [new RestartRequested(ask.Container, ask.Engine, ask.Incarnation, ask.CaseId, ask.At)]
            : [];

    /// <summary>True when the incarnation a restart was asked for is still the latest.</summary>
    public static bool IsDue(WatchedContainer known, AskRestart ask) =>
        known.Incarnation == ask.Incarnation && known.Condition != Condition.Absent;

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
