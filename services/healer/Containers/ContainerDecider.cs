using System.Globalization;
using Nightshift.Healer.Cases;
using Nightshift.Healer.Policy;

namespace Nightshift.Healer.Containers;

/// <summary>
/// What is done about a failed container: a restart at once, further ones after a growing wait while the budget lasts,
/// then a person. One that flaps calls a person once, and must stay well for a time before that is taken back.
/// </summary>
public static class ContainerDecider
{
    /// <summary>The target a container's case is named after.</summary>
    public static string TargetOf(string container) => $"container.{container}";

    /// <summary>Answers a failure.</summary>
    /// <returns>No events for a repeated or late report, nor for one about an incarnation that is being replaced
    /// already.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerFail fail, DecisionContext context)
    {
        var episode = @case[fail.Container];
        if (!episode.IsNews(fail.Incarnation, fail.FailedAt, healthy: false, end: fail.Problem == AnomalySeen.Exited))
            return [];
        var seen = new AnomalySeen(
            TargetOf(fail.Container),
            fail.Container,
            fail.Incarnation,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{fail.Container}.{fail.Incarnation}.{fail.FailedAt.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}"
            ),
            fail.Problem,
            Describe(fail),
            fail.Engine,
            fail.FailedAt,
            context.Now,
            fail.HealthCheckTime
        );
        return episode.State switch
        {
            EpisodeState.Waiting => [seen], // the planned restart answers this one too
            EpisodeState.Acting when fail.Incarnation <= episode.Answers => [seen], // and so does the one under way
            _ => [seen, .. Answer(Case.Evolve(@case, seen), fail, context)],
        };
    }

    static IReadOnlyList<CaseEvent> Answer(Case @case, SeeContainerFail fail, DecisionContext context)
    {
        CaseEvent[] flapping = @case.Flapping.Begins(context.Policy, fail.FailedAt)
            ? [Flaps(@case, fail, context)]
            : [];
        var after = flapping.Aggregate(@case, Case.Evolve);
        var next = Next(after, fail.Container, fail.Incarnation, Failed(fail), context);
        if (flapping.Length == 0 || next is HealingFailed)
            return [.. flapping, next];
        // A person is called, and restarts go on while the budget lasts: it works in between.
        var call = Failed(fail.Container, after, "restarts help for a while only", context);
        return
        [
            .. flapping,
            call,
            Next(Case.Evolve(after, call), fail.Container, fail.Incarnation, Failed(fail), context),
        ];
    }

    static FlappingStarted Flaps(Case @case, SeeContainerFail fail, DecisionContext context) =>
        new(
            TargetOf(fail.Container),
            fail.Container,
            @case.Flapping.FallsWithin(context.Policy.FlapWindow, fail.FailedAt),
            context.Policy.FlapWindow,
            context.Policy.FlapStableFor,
            context.Now
        );

    /// <summary>Takes note of health. Running without a health check has to last before it is believed.</summary>
    /// <returns>No events for a repeated or late report.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerWell well, DecisionContext context)
    {
        var episode = @case[well.Container];
        if (!episode.IsNews(well.Incarnation, well.WellAt, healthy: true))
            return [];
        TimeSpan? believeAfter =
            !episode.IsOpen ? null
            : @case.Flapping.StableFor is { } stableFor ? stableFor
            : well.HasHealthCheck ? null
            : context.Policy.StableFor;
        var seen = new HealthSeen(
            TargetOf(well.Container),
            well.Container,
            well.Incarnation,
            well.WellAt,
            believeAfter,
            context.Now
        );
        return episode.IsOpen && believeAfter is null
            ? [seen, Verified(well.Container, episode, "its health check passes", context)]
            : [seen];
    }

    /// <summary>Takes note of a stop that was asked for, which ends whatever healing was doing about the
    /// container.</summary>
    /// <returns>No events for a repeated report, nor when a newer incarnation is known.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerStopped stopped, DecisionContext context)
    {
        var episode = @case[stopped.Container];
        if (stopped.Incarnation < episode.Turn || stopped.Incarnation == episode.Turn && episode.Ended)
            return [];
        return
        [
            new SubjectStopped(
                TargetOf(stopped.Container),
                stopped.Container,
                stopped.Incarnation,
                $"{stopped.Container} was stopped on request",
                episode.Escalated,
                context.Now
            ),
        ];
    }

    /// <summary>Takes note of a removal, which ends whatever healing was doing about the container.</summary>
    /// <returns>No events for a repeated report, nor when a newer incarnation is known.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeContainerRemoved removed, DecisionContext context)
    {
        var episode = @case[removed.Container];
        if (removed.Incarnation < episode.Turn || removed.Incarnation == episode.Turn && episode.Removed)
            return [];
        return
        [
            new SubjectRemoved(
                TargetOf(removed.Container),
                removed.Container,
                removed.Incarnation,
                $"{removed.Container} was removed",
                episode.Escalated,
                context.Now
            ),
        ];
    }

    /// <summary>Answers a restart that could not be done.</summary>
    /// <returns>No events unless it is the answer to the restart under way.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, SeeRestartFail fail, DecisionContext context)
    {
        var episode = @case[fail.Container];
        if (
            episode.State is not EpisodeState.Acting
            || episode.Answers != fail.Incarnation
            || fail.RefusedAt < episode.ActedAt
        )
            return [];
        return TryAgain(
            @case,
            fail.Container,
            episode,
            episode.Answers,
            $"the engine could not restart it: {fail.Detail}",
            context
        );
    }

    /// <summary>Does the planned restart.</summary>
    /// <returns>No events when the plan was overtaken.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, ActNow due, DecisionContext context)
    {
        var episode = @case[due.Container];
        if (episode.State is not EpisodeState.Waiting || episode.Action != due.Action)
            return [];
        return
        [
            context.Refusal(@case) is { } why
                ? Failed(due.Container, @case, why, context)
                : Start(due.Container, episode, due.Action, Math.Max(episode.Answers, episode.Turn), context),
        ];
    }

    /// <summary>Judges a restart whose time is up.</summary>
    /// <returns>No events when it was settled before.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, CheckVerified due, DecisionContext context)
    {
        var episode = @case[due.Container];
        if (episode.State is not EpisodeState.Acting || episode.Action != due.Action)
            return [];
        // What did not become healthy is the incarnation the restart made, so the next restart answers that one.
        return TryAgain(
            @case,
            due.Container,
            episode,
            episode.Answers + 1,
            string.Create(
                CultureInfo.InvariantCulture,
                $"it was not healthy within {episode.VerifyWithin.TotalSeconds:0.#} s of its restart"
            ),
            context
        );
    }

    /// <summary>Believes a container that has kept running.</summary>
    /// <returns>No events when it failed again meanwhile.</returns>
    public static IReadOnlyList<CaseEvent> Decide(Case @case, CheckStable due, DecisionContext context)
    {
        var episode = @case[due.Container];
        return episode is { State: EpisodeState.Proving, Healthy: true } && episode.Turn == due.Incarnation
            ? [Verified(due.Container, episode, Proof(@case), context)]
            : [];
    }

    static IReadOnlyList<CaseEvent> TryAgain(
        Case @case,
        string container,
        Episode episode,
        int incarnation,
        string why,
        DecisionContext context
    )
    {
        var failed = new ActionFailed(TargetOf(container), container, episode.Action, why, context.Now);
        return [failed, Next(Case.Evolve(@case, failed), container, Math.Max(episode.Turn, incarnation), why, context)];
    }

    static CaseEvent Next(Case @case, string container, int incarnation, string what, DecisionContext context)
    {
        var (episode, action) = (@case[container], @case.Actions + 1);
        if (context.Refusal(@case) is { } refusal)
            return Failed(container, @case, $"{what}, and {refusal}", context);
        return episode.Tries == 0
            ? Start(container, episode, action, incarnation, context)
            : new RestartPlanned(
                TargetOf(container),
                container,
                action,
                incarnation,
                context.Policy.WaitAfter(episode.Tries),
                context.Now
            );
    }

    static RestartStarted Start(
        string container,
        Episode episode,
        int action,
        int incarnation,
        DecisionContext context
    ) =>
        new(
            TargetOf(container),
            container,
            action,
            episode.Engine ?? "",
            incarnation,
            // While its health check has not decided it is starting, which is not failing.
            context.Policy.VerifyWithin + (episode.HealthCheckTime ?? TimeSpan.Zero),
            context.Now
        );

    static HealingFailed Failed(string container, Case @case, string why, DecisionContext context)
    {
        var episode = @case[container];
        return new(
            TargetOf(container),
            container,
            episode.CauseId,
            episode.Summary,
            @case.Flapping.Active ? $"it is flapping: {why}" : why,
            context.Now,
            episode.Turn
        );
    }

    static string Proof(Case @case) =>
        @case.Flapping.StableFor is { } stableFor ? $"it has stayed well for {stableFor:c}" : "it keeps running";

    static HealingVerified Verified(string container, Episode episode, string proof, DecisionContext context)
    {
        var what = episode.Tries switch
        {
            0 => "recovered by itself",
            1 => "works again after a restart",
            _ => $"works again after {episode.Tries} restarts",
        };
        return new(
            TargetOf(container),
            container,
            episode.Tries,
            $"{container} {what}: {proof}",
            episode.Escalated,
            context.Now
        );
    }

    static string Failed(SeeContainerFail x) =>
        x.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"it {x.Problem} with {code}")
            : $"it is {x.Problem}";

    static string Describe(SeeContainerFail x) =>
        x.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"Container {x.Container} {x.Problem} with {code}")
            : $"Container {x.Container} is {x.Problem}";
}
